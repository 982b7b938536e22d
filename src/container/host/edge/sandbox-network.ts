import { closeSync } from 'node:fs';
import type { StepOf } from '../step.ts';
import type { HostContext } from './host-context.ts';
import { createNetworkNamespace, inNetworkNamespace } from './linux/namespaces.ts';
import { addAddress } from './linux/netlink/addresses.ts';
import { createVeth, getLink, setHairpin, setLinkUp } from './linux/netlink/links.ts';
import { addRoute } from './linux/netlink/routes.ts';
import { openRouteSocket, type NetlinkRequest } from './linux/netlink/socket.ts';
import { writeLinkSysctls } from './linux/sysctl.ts';
import { GantryError } from '#base/error.ts';

const LOOPBACK_INDEX = 1;
/** The container's end of its first pair: chosen, so that it need not be looked up. */
const ETHERNET_INDEX = 2;

/** Network namespaces between their making and the container that joins them. They go with their last holder. */
export class SandboxNetworks {
  readonly #context: HostContext;
  readonly #open = new Map<string, number>();

  constructor(context: HostContext) {
    this.#context = context;
  }

  open(step: StepOf<'open-network'>): void {
    this.close(step.sandbox);
    const fd = createNetworkNamespace();
    try {
      if (step.endpoint !== undefined) this.#connect(step, fd);
      this.#configure(step, fd);
    } catch (thrown) {
      closeSync(fd);
      throw thrown;
    }
    this.#open.set(step.sandbox, fd);
  }

  descriptorOf(sandbox: string): number | undefined {
    return this.#open.get(sandbox);
  }

  close(sandbox: string): void {
    const fd = this.#open.get(sandbox);
    if (fd === undefined) return;
    this.#open.delete(sandbox);
    closeSync(fd);
  }

  #connect({ endpoint, bridge, mtu }: StepOf<'open-network'>, netnsFd: number): void {
    if (endpoint === undefined) return;
    using socket = openRouteSocket();
    const master = getLink(socket, bridge);
    if (master === undefined) {
      throw new GantryError('unavailable', `the bridge ${bridge} is gone`, { subject: `network ${endpoint.network}`, hint: 'restart the daemon, which makes it again' });
    }
    socket.apply([createVeth({
      name: endpoint.hostLink, mtu, master: master.index, up: true,
      peer: { name: endpoint.interfaceName, netnsFd, mac: endpoint.macAddress, index: ETHERNET_INDEX },
    }), setHairpin(endpoint.hostLink)]);
  }

  #configure({ endpoint }: StepOf<'open-network'>, netnsFd: number): void {
    inNetworkNamespace(netnsFd, this.#context.networkFd, () => {
      using socket = openRouteSocket();
      const requests: NetlinkRequest[] = [setLinkUp(LOOPBACK_INDEX)];
      if (endpoint !== undefined) {
        // A neighbour in the same network must not be able to become this one's router.
        writeLinkSysctls(endpoint.interfaceName, { ipv6: { accept_ra: 0, accept_dad: 0, disable_ipv6: endpoint.ipv6 === undefined ? 1 : 0 } });
        requests.push(addAddress({ index: ETHERNET_INDEX, address: `${endpoint.ipv4}/${endpoint.ipv4PrefixLength}`, broadcast: true }));
        if (endpoint.ipv6 !== undefined) requests.push(addAddress({ index: ETHERNET_INDEX, address: `${endpoint.ipv6}/${endpoint.ipv6PrefixLength ?? 64}`, noDuplicateCheck: true }));
        requests.push(setLinkUp(ETHERNET_INDEX));
        if (endpoint.ipv4Gateway !== '') requests.push(addRoute({ destination: 'default', gateway: endpoint.ipv4Gateway, index: ETHERNET_INDEX }));
        if (endpoint.ipv6Gateway !== undefined) requests.push(addRoute({ destination: 'default', gateway: endpoint.ipv6Gateway, index: ETHERNET_INDEX }));
      }
      socket.apply(requests);
    });
  }
}
