import { closeSync, openSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { ON_LINK } from '#container/model/gateway.ts';
import type { SandboxLink, SandboxNetwork, StepOf } from '../step.ts';
import { identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { createNetworkNamespace, inNetworkNamespace } from './linux/namespaces.ts';
import { addAddress } from './linux/netlink/addresses.ts';
import { createIpvlan, createMacvlan, createVeth, deleteLink, getLink, indexOfLink, listLinks, setBridgePort, setLinkMaster, setLinkUp } from './linux/netlink/links.ts';
import { deleteRoute, listRoutes, replaceRoute } from './linux/netlink/routes.ts';
import { openRouteSocket, type NetlinkRequest, type RouteSocket } from './linux/netlink/socket.ts';
import { ProcView } from './linux/proc-view.ts';
import { isAlive } from './linux/processes.ts';
import { quietPort } from './quiet-port.ts';
import { NetSettings } from './linux/sysctl.ts';

const LOOPBACK_INDEX = 1;
/** The container's end of its first pair: chosen, so that it need not be looked up. */
const FIRST_INDEX = 2;

/** Network namespaces between their making and the container that joins them. They go with their last holder. */
export class SandboxNetworks {
  readonly #context: HostContext;
  readonly #open = new Map<string, number>();
  readonly #proc = new ProcView();

  constructor(context: HostContext) {
    this.#context = context;
  }

  open(sandbox: string): void {
    this.close(sandbox);
    this.#open.set(sandbox, createNetworkNamespace());
  }

  /** In one that was just opened. */
  link({ sandbox, network: { links, routes, settings } }: StepOf<'link-network'>): void {
    const fd = this.#open.get(sandbox);
    if (fd === undefined) throw new GantryError('internal', `the network namespace of ${sandbox.slice(0, 12)} is not open`);
    using socket = openRouteSocket();
    for (const [position, link] of links.entries()) connectLink(socket, link, fd, FIRST_INDEX + position);
    inNetworkNamespace(fd, this.#context.networkFd, () => {
      using inside = openRouteSocket();
      using own = new NetSettings(this.#proc.path());
      for (const { path, value } of settings) own.write(path, value);
      const indexes = new Map(links.map(({ endpoint: { interfaceName }, below }, position) => [interfaceName, below.kind === 'bridge' ? FIRST_INDEX + position : indexOfLink(interfaceName) ?? 0]));
      inside.apply([setLinkUp(LOOPBACK_INDEX), ...links.flatMap((link) => configureLink(own, link, indexes.get(link.endpoint.interfaceName) ?? 0))]);
      inside.apply(routes.map(({ gateway, interfaceName }) => replaceRoute({ destination: 'default', gateway, index: indexes.get(interfaceName) ?? 0 })));
    });
  }

  /** The links of a sandbox that runs become those of the step. */
  arrange(step: StepOf<'arrange-network'>): void {
    const fd = openSync(`/proc/${step.process.pid}/ns/net`, 'r');
    try {
      if (!isAlive(identityOf(step.process))) throw new GantryError('conflict', `container ${step.sandbox.slice(0, 12)} has ended`);
      this.#arrange(step, fd);
    } finally {
      closeSync(fd);
    }
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

  #arrange({ sandbox, network, gone }: StepOf<'arrange-network'>, fd: number): void {
    const { links } = network;
    using socket = openRouteSocket();
    const wanted = new Set(links.map(({ endpoint }) => endpoint.hostLink));
    // Pairs of this sandbox are known by their name in the host, also those that no row tells of any more.
    const stale = listLinks(socket).filter(({ name }) => name.startsWith(`gv${sandbox.slice(0, 8)}`) && !wanted.has(name));
    socket.apply(stale.map(({ name }) => deleteLink(name)));
    const present = inNetworkNamespace(fd, this.#context.networkFd, () => {
      using inside = openRouteSocket();
      const withoutPair = gone.filter(({ hostLink }) => hostLink === '').filter(({ interfaceName }) => getLink(inside, interfaceName) !== undefined);
      inside.apply(withoutPair.map(({ interfaceName }) => deleteLink(interfaceName)));
      return new Set(listLinks(inside).map(({ name }) => name));
    });
    const missing = links.filter(({ endpoint }) => !present.has(endpoint.interfaceName));
    for (const link of missing) connectLink(socket, link, fd);
    for (const link of links) if (!missing.includes(link)) reattach(socket, link);
    inNetworkNamespace(fd, this.#context.networkFd, () => setUpInside(network, missing, this.#proc.path()));
  }
}

function setUpInside({ links, routes }: SandboxNetwork, missing: readonly SandboxLink[], proc: string): void {
  using inside = openRouteSocket();
  using own = new NetSettings(proc);
  const indexes = new Map(listLinks(inside).map(({ name, index }) => [name, index]));
  inside.apply(missing.flatMap((link) => configureLink(own, link, indexes.get(link.endpoint.interfaceName) ?? 0)));
  const ours = new Set(links.map(({ endpoint }) => indexes.get(endpoint.interfaceName)));
  const waysOut = (): { readonly gateway: string; readonly index: number | undefined }[] => listRoutes(inside).filter(({ destination }) => destination === 'default')
    .map(({ gateway, index, family }) => ({ gateway: gateway ?? ON_LINK[family === 4 ? 'ipv4' : 'ipv6'], index }));
  const defaults = waysOut().filter(({ index }) => ours.has(index));
  const wanted = new Set(routes.map(({ gateway }) => gateway));
  inside.apply(routes.map(({ gateway, interfaceName }) => replaceRoute({ destination: 'default', gateway, index: indexes.get(interfaceName) ?? 0 })));
  // A replaced one is gone by now; of IPv6 it may still be there.
  const left = new Set(waysOut().map(({ gateway }) => gateway));
  const stale = defaults.filter(({ gateway }) => !wanted.has(gateway) && left.has(gateway));
  inside.apply(stale.map(({ gateway, index = 0 }) => deleteRoute({ destination: 'default', gateway, index })));
}

/** @param index chosen for the sandbox's end, where it is known to be free */
function connectLink(socket: RouteSocket, { endpoint, below, mtu }: SandboxLink, netnsFd: number, index?: number): void {
  const parent = indexOfLink(below.name);
  if (parent === undefined) {
    throw new GantryError('unavailable', below.kind === 'bridge' ? `the bridge ${below.name} is gone` : `there is no link ${below.name} on this host`, {
      subject: `network ${endpoint.network}`, hint: below.kind === 'bridge' ? 'restart the daemon, which makes it again' : 'see which there are: ip link',
    });
  }
  const { interfaceName: name, macAddress: mac, hostLink } = endpoint;
  if (below.kind === 'macvlan') {
    socket.apply([createMacvlan({ name, mac, mtu, parent, mode: below.mode, netnsFd })]);
    return;
  }
  if (below.kind === 'ipvlan') {
    socket.apply([createIpvlan({ name, mtu, parent, mode: below.mode, flag: below.flag, netnsFd })]);
    return;
  }
  socket.apply([
    createVeth({ name: hostLink, mtu, master: parent, peer: { name, netnsFd, mac, ...(index === undefined ? {} : { index }) } }),
    setBridgePort(hostLink, below),
  ]);
  // Before it is up: else the kernel takes it down for that, and waits until nobody sends by it.
  if (endpoint.ipv6 !== undefined) quietPort(socket, hostLink);
  socket.apply([setLinkUp(hostLink)]);
}

/** A bridge that somebody deleted was made again without its ports. */
function reattach(socket: RouteSocket, { endpoint, below }: SandboxLink): void {
  if (below.kind !== 'bridge') return;
  const bridge = getLink(socket, below.name);
  const link = getLink(socket, endpoint.hostLink);
  if (bridge === undefined || link === undefined || link.master === bridge.index) return;
  socket.apply([setLinkMaster(link.index, bridge.index), setBridgePort(link.index, below)]);
}

/** In the sandbox's namespace. The settings come before the link is up; answers what brings it up. */
function configureLink(settings: NetSettings, { endpoint, sysctls, linkLocal }: SandboxLink, index: number): NetlinkRequest[] {
  const { interfaceName, ipv4, ipv6 } = endpoint;
  // A neighbour in the same network must not be able to become this one's router.
  settings.writeOfLink(interfaceName, { ipv6: { accept_ra: 0, accept_dad: 0, disable_ipv6: ipv6 === undefined ? 1 : 0 } });
  for (const { path, value } of sysctls) settings.write(path.replaceAll('IFNAME', interfaceName).replace(/^net\//, ''), value);
  return [
    ...(ipv4 === undefined ? [] : [addAddress({ index, address: `${ipv4.address}/${ipv4.prefixLength}`, broadcast: true })]),
    ...(ipv6 === undefined ? [] : [addAddress({ index, address: `${ipv6.address}/${ipv6.prefixLength}`, noDuplicateCheck: true })]),
    ...linkLocal.map((address) => addAddress({ index, address: `${address}/${address.includes(':') ? 64 : 16}`, noDuplicateCheck: true })),
    setLinkUp(index),
  ];
}
