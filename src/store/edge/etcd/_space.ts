import { GantryError } from '#base/error.ts';
import { EtcdCompacted, type EtcdClient } from './_client.ts';
import type { RequestOp } from './_messages.ts';

/** Below a store's base, and before all of its keys, which have no control characters. */
export const META_KEY = '\x01store';
const VERSION = 1;

/** How the revisions of a store lie in etcd's. */
export interface Space {
  /** etcd's revision where the store begins. */
  readonly origin: number;
  /** The store's own revision there. What was before is compacted. */
  readonly start: number;
  /** etcd's revision of the store being opened: an event that everybody's watch of the base shows. */
  readonly marked: number;
}

/** What a base has of a store, or the beginning of one. */
export async function claimSpace(client: EtcdClient, base: string): Promise<Space> {
  const key = base + META_KEY;
  for (;;) {
    const [found] = (await client.range({ key })).entries;
    const value = found?.value ?? JSON.stringify({ version: VERSION, start: 0 });
    const { version, start } = JSON.parse(value) as { readonly version: number; readonly start: number };
    if (version > VERSION) throw new GantryError('unavailable', `the store at ${base} in etcd was written by a newer Gantry (version ${version}, this one reads ${VERSION})`, { subject: base, hint: 'Start the newer version.' });
    const { succeeded, revision } = await client.txn({ compare: [{ key, target: 'mod', result: 'equal', revision: found?.modRevision ?? 0 }], success: [{ kind: 'put', key, value }], failure: [] });
    // Else another opens it at the same time.
    if (succeeded) return { origin: found?.createRevision ?? revision, start, marked: revision };
  }
}

/** The store begins anew, at the revision. */
export async function moveStart(client: EtcdClient, base: string, start: number): Promise<Space> {
  const key = base + META_KEY;
  const write = (op: RequestOp): Promise<{ readonly revision: number }> => client.txn({ compare: [], success: [op], failure: [] });
  await write({ kind: 'delete', key });
  const { revision } = await write({ kind: 'put', key, value: JSON.stringify({ version: VERSION, start }) });
  return { origin: revision, start, marked: revision };
}

/** Up to where the store's history is gone, in its own revisions. etcd has no call for that. */
export async function compactedOf(client: EtcdClient, base: string, { origin, start }: Space): Promise<number> {
  const key = base + META_KEY;
  try {
    await client.range({ key, revision: origin, countOnly: true });
    return start;
  } catch (thrown) {
    if (!(thrown instanceof EtcdCompacted)) throw thrown;
  }
  for await (const { compactRevision } of client.watch({ key, rangeEnd: `${key}\0`, startRevision: 1 })) {
    if (compactRevision > 0) return Math.max(start, compactRevision - origin + start);
  }
  throw new GantryError('unavailable', 'etcd ended a watch without a word', { subject: base });
}
