import type { Snapshots } from '#image/snapshot/port.ts';

/** Deletes what no container and no image has: left by a daemon that ended between two steps. */
export async function sweepSnapshots(snapshots: Snapshots, containers: ReadonlySet<string>, chains: ReadonlySet<string>): Promise<void> {
  for (const id of await snapshots.listPrepared()) if (!containers.has(id)) await snapshots.discard(id);
  let left = (await snapshots.list()).filter(({ chain }) => !chains.has(chain));
  // From the top down: a layer goes when none stands on it any more.
  while (left.length > 0) {
    const parents = new Set(left.map(({ parent }) => parent));
    const tops = left.filter(({ chain }) => !parents.has(chain));
    for (const { chain } of tops) await snapshots.remove(chain);
    if (tops.length === 0) return;
    left = left.filter((layer) => !tops.includes(layer));
  }
}
