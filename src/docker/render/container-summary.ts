import type { Container } from '#container/model/container.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { ContainerState } from '#container/model/container-state.ts';
import type { ImageId } from '#container/model/ids.ts';
import { frontOf } from '../front.ts';
import { stateWord, statusText } from './container-state.ts';
import { renderMountPoints } from './mount-points.ts';
import { renderNetworks, type FindNetwork } from './networks.ts';
import { renderPortList } from './ports.ts';

export interface SummaryContext {
  readonly findNetwork: FindNetwork;
  readonly pathOfVolume: (name: string) => string;
  /** What an image's name stands for now: a container whose image lost its name is listed with the id. */
  readonly imageIdOf: (reference: string) => ImageId | undefined;
}

/** The command column of `docker ps`. */
export function commandText(args: readonly string[]): string {
  const [path = '', ...rest] = args;
  return [path, ...rest.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg))].join(' ');
}

export function imageTextOf(spec: ContainerSpec, imageIdOf: SummaryContext['imageIdOf']): string {
  const { reference, id } = spec.image;
  return reference === id || imageIdOf(reference) === id ? reference : id;
}

/** One entry of `GET /containers/json`, less its status, which changes with the time. */
export function renderSummary(container: Container, context: SummaryContext) {
  const { spec, state } = container;
  const front = frontOf(spec);
  const { NetworkMode, Annotations } = front.hostConfig;
  return {
    Id: spec.id,
    Names: [`/${spec.name}`],
    Image: imageTextOf(spec, context.imageIdOf),
    ImageID: spec.image.id,
    Command: commandText(spec.process.args),
    Created: Number(BigInt(spec.createdNs) / 1_000_000_000n),
    Ports: renderPortList(container),
    Labels: spec.labels,
    State: stateWord(state),
    HostConfig: { NetworkMode, ...(Annotations ? { Annotations } : {}) },
    NetworkSettings: { Networks: renderNetworks(container, context.findNetwork, false) },
    Mounts: renderMountPoints(spec, front, context.pathOfVolume),
  };
}

/**
 * Entries as JSON text. A row of the engine's table is replaced, not changed, so all of an entry but the
 * status is made once for each row: a list of a hundred containers costs little more than its bytes.
 */
export class SummaryCache {
  readonly #known = new WeakMap<ContainerSpec, { readonly state: ContainerState; readonly image: string; readonly network: string; readonly json: string }>();

  /** @param more further fields, as `SizeRw` */
  json(container: Container, context: SummaryContext, nowNs: bigint, more: Readonly<Record<string, number>> = {}): string {
    const { spec, state } = container;
    const image = imageTextOf(spec, context.imageIdOf);
    const network = spec.sandbox.endpoints.map((asked) => context.findNetwork(asked.network)?.id ?? '').join();
    const known = this.#known.get(spec);
    const isFresh = known !== undefined && known.state === state && known.image === image && known.network === network;
    const json = isFresh ? known.json : JSON.stringify(renderSummary(container, context)).slice(0, -1);
    if (!isFresh) this.#known.set(spec, { state, image, network, json });
    const further = Object.entries(more).map(([name, value]) => `,"${name}":${value}`).join('');
    return `${json},"Status":${JSON.stringify(statusText(state, nowNs))}${further}}`;
  }
}
