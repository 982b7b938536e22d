import { GantryError } from '#base/error.ts';
import type { Container } from '#container/model/container.ts';
import type { Image } from '#container/model/image.ts';
import type { ImageId } from '#container/model/ids.ts';
import type { Network } from '#container/model/network.ts';
import type { Filters } from '../filters.ts';
import { isUp, stateWord } from '../render/container-state.ts';
import { networkNamesOf } from '../render/networks.ts';
import { renderPortList } from '../render/ports.ts';

const KEYS = [
  'ancestor', 'before', 'exited', 'id', 'isolation', 'label', 'name', 'status', 'health', 'since', 'volume', 'network', 'is-task', 'publish', 'expose',
];
const STATES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const HEALTHS = ['none', 'starting', 'healthy', 'unhealthy'];

export interface ContainerQuery {
  readonly filters: Filters;
  readonly all: boolean;
  /** 0 is no limit; a limit also lists what doesn't run. */
  readonly limit: number;
}

export interface ContainerWorld {
  readonly find: (reference: string) => Container;
  readonly images: readonly Image[];
  readonly findImage: (reference: string) => Image;
  readonly findNetwork: (name: string) => Network | undefined;
}

type Test = (container: Container) => boolean;

function exitCodes(filters: Filters): Set<number> {
  return new Set(filters.values('exited').map((value) => {
    if (!/^[-+]?\d{1,9}$/.test(value)) throw new GantryError('invalid', `invalid filter 'exited=${value}': strconv.Atoi: parsing "${value}": invalid syntax`);
    return Number(value);
  }));
}

/** `80`, `80/udp`, `8000-8010/tcp`, as `port/protocol` each. */
function portsOf(filters: Filters, key: 'publish' | 'expose'): Set<string> {
  return new Set(filters.values(key).flatMap((value) => {
    if (value.includes(':')) throw new GantryError('invalid', `filter for '${key}' should not contain ':': ${value}`);
    const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(value);
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match === null || last < first || last > 65_535) throw new GantryError('invalid', `error while looking up for ${key} ${value}: invalid port`);
    return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${(match[3] ?? 'tcp').toLowerCase()}`);
  }));
}

/** Images that come from one of those named, and they themselves. */
function descendants(filters: Filters, world: ContainerWorld): Set<ImageId> {
  const found = new Set<ImageId>();
  for (const name of filters.values('ancestor')) {
    try {
      found.add(world.findImage(name).id);
    } catch (thrown) {
      if (!(thrown instanceof GantryError)) throw thrown;
    }
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { id, parent } of world.images) if (parent !== undefined && found.has(parent)) found.add(id);
  }
  return found;
}

function isOneOf(filters: Filters, key: string, known: readonly string[], what: string): void {
  for (const value of filters.values(key)) {
    if (!known.includes(value)) throw new GantryError('invalid', `invalid filter '${key}=${value}': invalid value for ${what} (${value}): must be one of ${known.join(', ')}`);
  }
}

function testsOf(filters: Filters, world: ContainerWorld): Test[] {
  const tests: Test[] = [
    ({ spec }) => filters.matches('name', `/${spec.name}`) || filters.matches('name', spec.name),
    ({ spec }) => filters.matchesBeginning('id', spec.id),
    ({ spec }) => filters.matchesLabels('label', spec.labels),
    ({ state }) => filters.matchesExactly('status', stateWord(state)),
    () => filters.matchesExactly('isolation', '') || filters.matchesExactly('isolation', 'default'),
  ];
  isOneOf(filters, 'health', HEALTHS, 'health');
  if (filters.has('is-task') && filters.flag('is-task', false)) tests.push(() => false);
  if (filters.has('health')) tests.push(({ state }) => filters.matchesExactly('health', state.health?.status ?? 'none'));
  const codes = exitCodes(filters);
  if (codes.size > 0) tests.push(({ state }) => codes.has(state.exitCode) && !isUp(state) && state.startedNs !== undefined);
  if (filters.has('ancestor')) {
    const images = descendants(filters, world);
    tests.push(({ spec }) => images.has(spec.image.id));
  }
  const volumes = filters.values('volume');
  if (filters.has('volume')) {
    tests.push(({ spec }) => spec.mounts.some((mount) => volumes.includes(mount.target) || volumes.includes(mount.kind === 'volume' ? mount.volume : mount.kind === 'bind' ? mount.source : '')));
  }
  if (filters.has('network')) {
    tests.push((container) => {
      const networks = networkNamesOf(container).map((name) => ({ name, id: world.findNetwork(name)?.id ?? '' }));
      return networks.some(({ name, id }) => filters.values('network').some((value) => value === name || (value !== '' && id.startsWith(value))));
    });
  }
  const [published, exposed] = [portsOf(filters, 'publish'), portsOf(filters, 'expose')];
  if (published.size + exposed.size > 0) {
    tests.push((container) => renderPortList(container).some((port) => published.has(`${'PublicPort' in port ? port.PublicPort : 0}/${port.Type}`) || exposed.has(`${port.PrivatePort}/${port.Type}`)));
  }
  return tests;
}

export function newestFirst(left: Container, right: Container): number {
  const [one, other] = [BigInt(left.spec.createdNs), BigInt(right.spec.createdNs)];
  return one < other ? 1 : one > other ? -1 : 0;
}

/** The containers of a list, newest first. */
export function listContainers(containers: readonly Container[], query: ContainerQuery, world: ContainerWorld): Container[] {
  const { filters, limit } = query;
  if (filters.isEmpty) {
    const shown = query.all || limit > 0 ? [...containers] : containers.filter(({ state }) => isUp(state));
    shown.sort(newestFirst);
    return limit > 0 ? shown.slice(0, limit) : shown;
  }
  filters.accept(...KEYS);
  isOneOf(filters, 'status', STATES, 'state');
  const all = query.all || limit > 0 || filters.has('status');
  const tests = testsOf(filters, world);
  const before = filters.values('before').map((reference) => world.find(reference).spec.id).at(-1);
  const since = filters.values('since').map((reference) => world.find(reference).spec.id).at(-1);
  const sorted = [...containers].sort(newestFirst);
  const from = before === undefined ? 0 : sorted.findIndex(({ spec }) => spec.id === before) + 1;
  const end = since === undefined ? sorted.length : sorted.findIndex(({ spec }) => spec.id === since);
  const found = sorted.slice(from, end).filter((container) => (all || isUp(container.state)) && tests.every((test) => test(container)));
  return limit > 0 ? found.slice(0, limit) : found;
}
