/** One thing that building keeps, as lists of it show it. */
export interface KeptThing {
  readonly id: string;
  readonly kind: 'regular' | 'exec.cachemount' | 'source.local';
  readonly description: string;
  /** Bytes that would come free with it and all that stands on it. */
  readonly size: number;
  readonly createdNs: bigint;
  readonly usedNs: bigint;
  readonly uses: number;
  readonly isInUse: boolean;
  /** Also part of an image: removing the record frees nothing. */
  readonly isShared: boolean;
  readonly parents: readonly string[];
}

export interface CollectPolicy {
  /** Also what is part of images, and sources. */
  readonly all: boolean;
  /** What was used within so long stays. */
  readonly keepNs: bigint;
  /** Beyond this the least used goes; undefined: everything that is old enough. */
  readonly keepBytes: number | undefined;
  readonly matches: (thing: KeptThing) => boolean;
}

/** What goes, in the order in which it can: the least recently used first, and nothing before what stands on it. */
export function planCollection(things: readonly KeptThing[], policy: CollectPolicy, nowNs: bigint): readonly KeptThing[] {
  const candidates = things.filter((thing) => !thing.isInUse && (policy.all || !thing.isShared) && policy.matches(thing) && nowNs - thing.usedNs >= policy.keepNs);
  const oldest = [...candidates].sort((left, right) => (left.usedNs < right.usedNs ? -1 : left.usedNs > right.usedNs ? 1 : right.parents.length - left.parents.length));
  if (policy.keepBytes === undefined) return oldest;
  let total = things.reduce((sum, { size }) => sum + size, 0);
  const chosen: KeptThing[] = [];
  for (const thing of oldest) {
    if (total <= policy.keepBytes) break;
    chosen.push(thing);
    total -= thing.size;
  }
  return chosen;
}

/** Filters of `docker builder prune` and `buildx du`: `type=`, `description~=`, `id=`, `inuse`, `shared`, `mutable`, `until=`. */
export function matcherOf(filters: readonly string[]): (thing: KeptThing) => boolean {
  const tests = filters.flatMap((filter): ((thing: KeptThing) => boolean)[] => {
    const [, name = filter, operator = '', value = ''] = /^([a-zA-Z-]+)(==|~=|!=|=)?(.*)$/s.exec(filter) ?? [];
    const isTrue = value === '' || value === 'true' || value === '1';
    switch (name) {
      case 'type': return [({ kind }) => (kind === value) !== (operator === '!=')];
      case 'id': return [({ id }) => (operator === '~=' ? id.includes(value) : id === value)];
      case 'description': return [({ description }) => (operator === '~=' ? description.includes(value) : description === value)];
      case 'inuse': return [({ isInUse }) => isInUse === isTrue];
      case 'shared': return [({ isShared }) => isShared === isTrue];
      case 'private': return [({ isShared }) => isShared !== isTrue];
      case 'mutable': return [({ kind }) => (kind === 'exec.cachemount') === isTrue];
      case 'immutable': return [({ kind }) => (kind !== 'exec.cachemount') === isTrue];
      default: return [];
    }
  });
  return (thing) => tests.every((test) => test(thing));
}
