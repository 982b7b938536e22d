import { GantryError } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import { gatewayOf } from '#container/model/gateway.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { Network } from '#container/model/network.ts';
import type { Endpoint, EndpointRequest } from '#container/model/sandbox.ts';
import { emitNetwork } from './container-events.ts';
import { checkAsked } from './endpoint-choice.ts';
import { movedHosts, resolvConf } from './etc-files.ts';
import { keptOf } from './layout.ts';
import type { LifeParts } from './life.ts';
import type { MembershipsPort } from './port.ts';
import { servesNames } from './sandbox-names.ts';
import { hasOwnNetwork } from './start-plan.ts';

const LARGEST_FILE = 65_536;

type Parts = Pick<LifeParts, 'ports' | 'table' | 'lock' | 'networks' | 'events'>;

/**
 * Containers join and leave networks. The row says first what is to be, with a mark that the kernel is still to be brought
 * to it; the same step finishes a change that a dead daemon left half done.
 */
export class Memberships implements MembershipsPort {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async connect(reference: string, request: EndpointRequest): Promise<void> {
    const { table, lock, networks } = this.#parts;
    const network = networks.find(request.network);
    const { id } = table.find(reference).spec;
    await lock.run(id, async () => {
      const container = table.find(id);
      checkMayJoin(container, network);
      const asked = { ...request, network: network.name };
      checkAsked(asked, network);
      if (isLive(container.state.phase)) await this.#connectLive(container, asked, network);
      else await table.put({ spec: withEndpoint(container, asked), state: container.state });
    });
  }

  async disconnect(reference: string, networkReference: string, options: { readonly force: boolean }): Promise<void> {
    const { table, lock, networks } = this.#parts;
    const network = networks.find(networkReference);
    const { id } = this.#findFor(reference, options.force).spec;
    await lock.run(id, async () => {
      const container = table.find(id);
      const live = isLive(container.state.phase);
      if (network.driver === 'host' && container.spec.sandbox.network.kind === 'host') {
        throw new GantryError('invalid', 'cannot disconnect container from host network - container was created in host network mode');
      }
      const isMember = live ? container.state.endpoints.some((endpoint) => endpoint.network === network.name) : container.spec.sandbox.endpoints.some((asked) => asked.network === network.name);
      if (!isMember) throw new GantryError('internal', `container ${id} is not connected to ${live ? '' : 'the '}network ${network.name}`);
      await this.#leave(container, network);
    });
  }

  /** After a daemon's death: the links of a container that runs become those of its row. Called before requests are taken. */
  async resume(id: ContainerId): Promise<void> {
    const container = this.#parts.table.find(id);
    // A bridge that was made again has lost its ports.
    const isCutOff = container.state.endpoints.some(({ network }) => this.#parts.networks.wasMadeAgain(network));
    if (container.state.rearranging !== undefined || isCutOff) await this.#arrange(container);
    else await this.#serveNames(container);
  }

  async #connectLive(container: Container, request: EndpointRequest, network: Network): Promise<void> {
    const { table, networks, events, ports } = this.#parts;
    const { spec, state } = container;
    if (state.endpoints.some((endpoint) => endpoint.network === network.name)) {
      throw new GantryError('forbidden', `endpoint with name ${spec.name} already exists in network ${network.name}`);
    }
    const endpoint = networks.claimPlace(spec, request);
    const endpoints = [...state.endpoints, endpoint];
    let joined: Container | undefined;
    try {
      joined = await table.put({ spec: withEndpoint(container, request), state: { ...state, endpoints, rearranging: state.rearranging ?? state.endpoints } });
      await this.#arrange(joined);
    } catch (thrown) {
      networks.claims.move(spec.id, state.endpoints);
      if (joined !== undefined) {
        const back = await table.put({ spec, state: { ...state, rearranging: endpoints } });
        await this.#arrange(back).catch((failure: unknown) => ports.log(`connect of ${spec.name} to ${network.name}: left behind: ${String(failure)}`));
      }
      throw thrown;
    }
    emitNetwork(events, container, 'connect', network);
  }

  async #leave(container: Container, network: Network): Promise<void> {
    const { table, networks, events } = this.#parts;
    const { spec, state } = container;
    const sandbox = { ...spec.sandbox, endpoints: spec.sandbox.endpoints.filter((asked) => asked.network !== network.name) };
    const live = isLive(state.phase);
    const endpoints = state.endpoints.filter((endpoint) => endpoint.network !== network.name);
    const left = await table.put({ spec: { ...spec, sandbox }, state: live ? { ...state, endpoints, rearranging: state.rearranging ?? state.endpoints } : state });
    if (live) {
      await this.#arrange(left);
      networks.claims.move(spec.id, endpoints);
    }
    emitNetwork(events, container, 'disconnect', network);
  }

  async #arrange(container: Container): Promise<void> {
    const { ports, table, networks } = this.#parts;
    const { spec, state } = container;
    if (state.process === undefined) return;
    const { endpoints, published, rearranging: before = state.endpoints } = state;
    const moved = published.length > 0 && wayIn(before) !== wayIn(endpoints);
    if (moved) await ports.host.unpublish({ kind: 'unpublish', sandbox: spec.id, endpoints: before, ports: published, cause: 'the way out changes' });
    const gone = before.filter((endpoint) => !endpoints.some(({ id }) => id === endpoint.id));
    await ports.host['arrange-network']({ kind: 'arrange-network', sandbox: spec.id, process: state.process, network: networks.arrangementOf(spec, endpoints), gone, cause: 'its networks change' });
    await this.#serveNames(container);
    await this.#rewriteFiles(container, before);
    if (moved) await ports.host.publish({ kind: 'publish', sandbox: spec.id, process: state.process, endpoints, ports: published, cause: 'the way out changed' });
    const { rearranging: _done, ...settled } = table.find(spec.id).state;
    await table.putState(spec.id, settled);
  }

  /** What its programs read of its places. A resolv.conf that the container wrote itself stays as it is. */
  async #rewriteFiles({ spec, state }: Container, before: readonly Endpoint[]): Promise<void> {
    const { host, layout } = this.#parts.ports;
    const kept = keptOf(layout, spec.id);
    const hosts = await host.readHostFile(`${kept}/hosts`, LARGEST_FILE) ?? '';
    const files = [{ path: `${kept}/hosts`, text: movedHosts(hosts, spec.sandbox, before, state.endpoints), mode: 0o644 }];
    if (!servesNames(spec.sandbox, before) && servesNames(spec.sandbox, state.endpoints)) {
      const ofHost = await host.readHostFile('/etc/resolv.conf', LARGEST_FILE) ?? '';
      const present = await host.readHostFile(`${kept}/resolv.conf`, LARGEST_FILE);
      if (present === resolvConf(spec.sandbox, ofHost, true)) files.push({ path: `${kept}/resolv.conf`, text: resolvConf(spec.sandbox, ofHost, true, true), mode: 0o644 });
    }
    await host['write-files']({ kind: 'write-files', files, cause: 'its networks changed' });
  }

  /** From the first network of its own making on, and then as long as it runs. */
  async #serveNames({ spec, state }: Container): Promise<void> {
    if (state.process === undefined || !hasOwnNetwork(spec) || !servesNames(spec.sandbox, state.endpoints)) return;
    await this.#parts.ports.host['serve-names']({ kind: 'serve-names', sandbox: spec.id, process: state.process, cause: 'names of its networks' });
  }

  #findFor(reference: string, force: boolean): Container {
    try {
      return this.#parts.table.find(reference);
    } catch (cause) {
      if (force) throw new GantryError('not-found', `endpoint ${reference} not found`, { cause });
      throw cause;
    }
  }
}

/** Where published ports lead. */
function wayIn(endpoints: readonly Endpoint[]): string {
  return [gatewayOf(endpoints, 'ipv4'), gatewayOf(endpoints, 'ipv6')].map((way) => way?.place.address ?? '').join(' ');
}

function withEndpoint({ spec }: Container, request: EndpointRequest): Container['spec'] {
  const others = spec.sandbox.endpoints.filter((asked) => asked.network !== request.network);
  return { ...spec, sandbox: { ...spec.sandbox, endpoints: [...others, request] } };
}

function checkMayJoin({ spec, state }: Container, network: Network): void {
  const { kind } = spec.sandbox.network;
  if (state.phase === 'removing' || state.phase === 'dead') throw new GantryError('conflict', `container ${spec.id} is marked for removal and cannot be connected or disconnected to the network`);
  if (kind === 'container' || kind === 'host') throw new GantryError('invalid', 'container sharing network namespace with another container or host cannot be connected to any other network');
  if (network.driver === 'host') throw new GantryError('invalid', 'cannot connect container to host network - container must be created in host network mode');
  if (kind === 'none' || network.driver === 'null') throw new GantryError('invalid', 'container cannot be connected to multiple networks with one of the networks in private (none) mode');
}
