/** A place that fills. Bytes. */
export interface DiskUse {
  readonly total: number;
  /** What is free for everybody who is not root. */
  readonly free: number;
}

export interface Watermarks {
  /** Per cent in use from which on things go. */
  readonly high: number;
  /** Per cent down to which they go. */
  readonly low: number;
  readonly graceNs: bigint;
}

/** What goes as a whole. */
export interface Candidate {
  readonly id: string;
  /** What it is made of; others may have the same. */
  readonly parts: readonly { readonly id: string; readonly bytes: number }[];
  readonly lastUsedNs: bigint;
  /** It stays, whatever comes. */
  readonly isKept: boolean;
}

export interface EvictionStep {
  readonly id: string;
  /** Bytes that are expected to come free with it. */
  readonly bytes: number;
  readonly cause: string;
}

export interface EvictionPlan {
  readonly steps: readonly EvictionStep[];
  /** Set where all of them are not enough. */
  readonly shortfall?: string;
}

/** From the high watermark on. */
export function isFull({ total, free }: DiskUse, { high }: Watermarks): boolean {
  return total > 0 && total - free >= (total * high) / 100;
}

/**
 * What has to go, first what was used longest ago. Parts that another one has count for the last of them.
 *
 * @param what names the place in causes: `the disk of the images`
 */
export function planEviction(what: string, use: DiskUse, watermarks: Watermarks, candidates: readonly Candidate[], nowNs: bigint): EvictionPlan {
  if (!isFull(use, watermarks)) return { steps: [] };
  const used = use.total - use.free;
  let excess = used - (use.total * watermarks.low) / 100;
  const holders = new Map<string, number>();
  for (const { parts } of candidates) for (const { id } of parts) holders.set(id, (holders.get(id) ?? 0) + 1);
  const removable = candidates
    .filter(({ isKept, lastUsedNs }) => !isKept && nowNs - lastUsedNs >= watermarks.graceNs)
    .sort((a, b) => (a.lastUsedNs < b.lastUsedNs ? -1 : a.lastUsedNs > b.lastUsedNs ? 1 : a.id < b.id ? -1 : 1));
  const steps: EvictionStep[] = [];
  const cause = `${what} is ${((used / use.total) * 100).toFixed(0)} % full, more than ${watermarks.high} %`;
  for (const { id, parts } of removable) {
    if (excess <= 0) break;
    let bytes = 0;
    for (const part of parts) {
      const left = (holders.get(part.id) ?? 1) - 1;
      holders.set(part.id, left);
      if (left === 0) bytes += part.bytes;
    }
    steps.push({ id, bytes, cause });
    excess -= bytes;
  }
  return excess > 0 ? { steps, shortfall: `${cause}, and ${steps.length === 0 ? 'nothing' : 'nothing further'} can be removed: the others are used, pinned or new` } : { steps };
}
