import type { ProcessRef } from '#container/model/container-state.ts';

/** What a monitor kept of its daemon's mounts when it was started. */
export interface MonitorMounts {
  readonly monitor: ProcessRef;
  /** Lowest first, where several are at one place. `device` is the number of the file system. */
  readonly mounts: readonly { readonly target: string; readonly device: string }[];
  /** File systems that its container sees; none where that has ended. */
  readonly used: ReadonlySet<string>;
}

export interface LeftVolume {
  readonly path: string;
  /** Monitors that have it, all the same file system; the first one that is still there will do. */
  readonly holders: readonly ProcessRef[];
}

interface Holder {
  readonly monitor: ProcessRef;
  readonly device: string;
}

/**
 * The file systems of volumes that a former daemon mounted, and that monitors still have while this one has not. What
 * containers use goes before what a monitor merely kept. A volume that was removed is nowhere: with its directory the kernel
 * takes mounts away in all namespaces (rmdir(2) since Linux 3.18).
 * @param places directories whose subdirectories, at any depth, are the volumes
 * @param here what is mounted in the daemon's own namespace
 */
export function leftVolumes(places: readonly string[], here: ReadonlySet<string>, monitors: readonly MonitorMounts[]): readonly LeftVolume[] {
  const found = new Map<string, { readonly used: Holder[]; readonly kept: Holder[] }>();
  for (const { monitor, mounts, used } of monitors) {
    for (const [path, device] of new Map(mounts.map(({ target, device }) => [target, device]))) {
      if (here.has(path) || !places.some((place) => path.startsWith(`${place}/`))) continue;
      const holders = found.get(path) ?? { used: [], kept: [] };
      found.set(path, holders);
      holders[used.has(device) ? 'used' : 'kept'].push({ monitor, device });
    }
  }
  return [...found].map(([path, { used, kept }]) => {
    const all = [...used, ...kept];
    return { path, holders: all.filter(({ device }) => device === all[0]?.device).map(({ monitor }) => monitor) };
  }).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
