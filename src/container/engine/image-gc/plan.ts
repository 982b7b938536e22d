/** What the disk of the images looks like. Bytes. */
export interface DiskUse {
  readonly total: number;
  /** What is free for everybody who is not root. */
  readonly free: number;
}

export interface Watermarks {
  /** Per cent of the disk in use from which on images go. */
  readonly high: number;
  /** Per cent down to which they go. */
  readonly low: number;
  readonly graceNs: bigint;
}

export interface Candidate {
  readonly id: string;
  readonly chainIds: readonly string[];
  readonly layerSizes: readonly number[];
  readonly lastUsedNs: bigint;
  readonly isUsed: boolean;
  readonly isPinned: boolean;
}

export interface CollectionStep {
  readonly id: string;
  /** Bytes that are expected to come free with it. */
  readonly bytes: number;
  readonly cause: string;
}

export interface CollectionPlan {
  readonly steps: readonly CollectionStep[];
  /** Set where all of them are not enough. */
  readonly shortfall?: string;
}

/** A label of an image by which its user keeps it. */
export const PIN_LABEL = 'io.gantry.pin';

/** What has to go, first what was used longest ago. Layers that another image has count for the last of them. */
export function planCollection(disk: DiskUse, watermarks: Watermarks, images: readonly Candidate[], nowNs: bigint): CollectionPlan {
  const used = disk.total - disk.free;
  const percent = disk.total === 0 ? 0 : (used / disk.total) * 100;
  if (percent < watermarks.high) return { steps: [] };
  let excess = used - (disk.total * watermarks.low) / 100;
  const holders = new Map<string, number>();
  for (const { chainIds } of images) for (const chain of chainIds) holders.set(chain, (holders.get(chain) ?? 0) + 1);
  const removable = images
    .filter(({ isUsed, isPinned, lastUsedNs }) => !isUsed && !isPinned && nowNs - lastUsedNs >= watermarks.graceNs)
    .sort((a, b) => (a.lastUsedNs < b.lastUsedNs ? -1 : a.lastUsedNs > b.lastUsedNs ? 1 : a.id < b.id ? -1 : 1));
  const steps: CollectionStep[] = [];
  const cause = `the disk of the images is ${percent.toFixed(0)} % full, more than ${watermarks.high} %`;
  for (const { id, chainIds, layerSizes } of removable) {
    if (excess <= 0) break;
    let bytes = 0;
    for (const [index, chain] of chainIds.entries()) {
      const left = (holders.get(chain) ?? 1) - 1;
      holders.set(chain, left);
      if (left === 0) bytes += layerSizes[index] ?? 0;
    }
    steps.push({ id, bytes, cause });
    excess -= bytes;
  }
  return excess > 0 ? { steps, shortfall: `${cause}, and ${steps.length === 0 ? 'no image' : 'nothing further'} can be removed: the others are used, pinned or new` } : { steps };
}
