import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { BatchedReads } from './batched-reads.ts';

type Batch = readonly (readonly Uint8Array[])[];

const batchOf = (messages: number, bytes = 40): Batch => Array.from({ length: messages }, () => [new Uint8Array(bytes)]);

/** A socket whose handle only counts. */
function counted(): { readonly socket: PassThrough; readonly calls: string[]; readonly started: Promise<void> } {
  const calls: string[] = [];
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const handle = { readStop: () => { calls.push('stop'); }, readStart: () => { calls.push('start'); resolve(); } };
  return { socket: Object.assign(new PassThrough(), { _handle: handle }), calls, started };
}

async function* from(batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

async function passed(reads: BatchedReads, batches: readonly Batch[]): Promise<void> {
  const came: Batch[] = [];
  for await (const batch of reads.over(from(batches))) came.push(batch);
  assert.deepEqual(came, batches);
}

test('reading rests once after small batches, and goes on', async () => {
  const { socket, calls, started } = counted();
  await passed(new BatchedReads(socket), [batchOf(101), batchOf(5), batchOf(5)]);
  assert.deepEqual(calls, ['stop']);
  await started;
  assert.deepEqual(calls, ['stop', 'start']);
});

test('neither the first messages wait, nor large ones, nor one by itself, nor what is not read from a handle', async () => {
  const { socket, calls } = counted();
  const reads = new BatchedReads(socket);
  await passed(reads, [batchOf(60), batchOf(40)]);
  await passed(reads, [batchOf(200, 200), batchOf(1), batchOf(2, 32 << 10), batchOf(1)]);
  assert.deepEqual(calls, []);
  await passed(new BatchedReads(new PassThrough()), [batchOf(200), batchOf(200)]);
  await passed(new BatchedReads(Object.assign(new PassThrough(), { _handle: null })), [batchOf(200), batchOf(200)]);
});

test('whoever stops taking ends what is behind it', async () => {
  const { socket, started } = counted();
  let isEnded = false;
  const batches = async function* (): AsyncGenerator<Batch> {
    try {
      for (;;) yield batchOf(200);
    } finally {
      isEnded = true;
    }
  };
  for await (const _ of new BatchedReads(socket).over(batches())) break;
  assert.equal(isEnded, true);
  await started;
});
