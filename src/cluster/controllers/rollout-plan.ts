/** What a rolling update looks at: the replicas that each ReplicaSet is asked for, and how many of them serve. */
export interface RolloutSet {
  readonly name: string;
  readonly wanted: number;
  readonly available: number;
  /** Pods that are there, ready or not. */
  readonly present: number;
}

export interface Rollout {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly next: RolloutSet;
  /** Oldest first. */
  readonly olds: readonly RolloutSet[];
}

/** `25%` or `1` of the replicas; a surge rounds up, what may be missing rounds down, and never are both nothing. */
export function rolloutBounds(replicas: number, surge: string | number | undefined, unavailable: string | number | undefined): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const maxSurge = shareOf(surge ?? '25%', replicas, Math.ceil);
  const maxUnavailable = shareOf(unavailable ?? '25%', replicas, Math.floor);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : Math.min(maxUnavailable, replicas) };
}

/** A number, or a percentage of one. */
export function shareOf(value: string | number, of: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : value.endsWith('%') ? round(Number(value.slice(0, -1)) * of / 100) : Number(value) || 0;
}

/** New sizes of the sets, by name: those that stay as they are are left out. */
export function planRollout(rollout: Rollout): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const up = growth(rollout);
  if (up !== 0) sizes.set(rollout.next.name, rollout.next.wanted + up);
  for (const [name, size] of shrinking(rollout)) sizes.set(name, size);
  return sizes;
}

/** As many as the surge allows over all sets together; down to what is wanted at once. */
function growth({ replicas, maxSurge, next, olds }: Rollout): number {
  if (next.wanted >= replicas) return replicas - next.wanted;
  const total = next.wanted + sum(olds.map(({ wanted }) => wanted));
  return Math.max(0, Math.min(replicas - next.wanted, replicas + maxSurge - total));
}

/** Old pods that don't serve go first, since nobody misses them; then as many that do as may be missing. */
function shrinking({ replicas, maxUnavailable, next, olds }: Rollout): Map<string, number> {
  const sizes = new Map(olds.map(({ name, wanted }) => [name, wanted] as const));
  const least = replicas - maxUnavailable;
  const notServing = next.wanted - next.available;
  let cleanable = sum(olds.map(({ wanted }) => wanted)) + next.wanted - least - notServing;
  for (const { name, wanted, available } of olds) {
    const idle = Math.min(Math.max(0, wanted - available), Math.max(0, cleanable));
    sizes.set(name, wanted - idle);
    cleanable -= idle;
  }
  let spare = next.available + sum(olds.map(({ available }) => available)) - least;
  for (const { name, available } of olds) {
    const size = sizes.get(name) ?? 0;
    const taken = Math.min(size, Math.max(0, spare), available);
    sizes.set(name, size - taken);
    spare -= taken;
  }
  for (const { name, wanted } of olds) if (sizes.get(name) === wanted) sizes.delete(name);
  return sizes;
}

/** Sizes in proportion, where a rollout under way is scaled: each set gets its share of the change, the largest first. */
export function planProportional(sets: readonly { readonly name: string; readonly wanted: number }[], total: number): ReadonlyMap<string, number> {
  const now = sum(sets.map(({ wanted }) => wanted));
  const sizes = new Map<string, number>();
  if (now === 0 || now === total) return sizes;
  let left = total - now;
  const largestFirst = [...sets].filter(({ wanted }) => wanted > 0).sort((a, b) => b.wanted - a.wanted);
  for (const { name, wanted } of largestFirst) {
    const part = Math.max(-wanted, left > 0 ? Math.min(left, Math.round(wanted * (total - now) / now)) : Math.max(left, Math.round(wanted * (total - now) / now)));
    sizes.set(name, wanted + part);
    left -= part;
  }
  // What rounding left over: the largest takes it, and what it can't give the next one gives.
  for (const { name } of largestFirst) {
    const size = sizes.get(name) ?? 0;
    const part = Math.max(-size, left);
    sizes.set(name, size + part);
    left -= part;
  }
  return sizes;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
