import assert from 'node:assert/strict';
import { GantryError, isKind, type ErrorKind } from '#base/error.ts';
import { CompactedError } from '../compacted-error.ts';
import type { Store, Watch, WatchBatch } from '../store.ts';

/** One thing that every store does; the body is given an empty one. */
export type Scenario = (title: string, body: (store: Store) => Promise<void>) => void;

export async function fails(promise: Promise<unknown>, kind: ErrorKind): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof GantryError && isKind(error, kind) && !(error instanceof CompactedError));
}

export async function failsCompacted(promise: Promise<unknown>, revision: number): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof CompactedError && error.compactedRevision === revision && error.kind === 'conflict');
}

const readers = new WeakMap<Watch, AsyncIterator<WatchBatch>>();

/** The next batches as text; fewer when the watch ends. */
export async function take(watch: Watch, count: number): Promise<string[]> {
  const reader = readers.get(watch) ?? watch[Symbol.asyncIterator]();
  readers.set(watch, reader);
  const lines: string[] = [];
  while (lines.length < count) {
    const { value: batch, done } = await reader.next();
    if (done === true) break;
    const events = (batch as WatchBatch).events.map(({ key, previous, entry }) => {
      for (const side of [previous, entry]) if (side !== undefined) assert.equal(side.key, key);
      return `${key} ${previous === undefined ? 'none' : `${previous.value}@${previous.revision}`} -> ${entry === undefined ? 'none' : `${entry.value}@${entry.revision}`}`;
    });
    lines.push(`${(batch as WatchBatch).revision}: ${events.join(', ')}`);
  }
  return lines;
}
