import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { PieceRing } from './_piece-ring.ts';

test('pieces come out as they were put in, past the end of the memory, and then the end', () => {
  const [from, to] = [new PieceRing(), new PieceRing()];
  assert.notEqual(from.memory, to.memory);
  const taker = new PieceRing(from.memory);
  assert.equal(taker.hasNext, false);
  for (let count = 1; count <= 20; count += 1) {
    from.room().fill(count, 0, count);
    from.put(count);
    assert.ok(taker.hasNext);
    assert.deepEqual(taker.take(), Buffer.alloc(count, count));
    taker.free(count);
  }
  from.room();
  from.put(0);
  assert.equal(taker.take(), undefined);
});

test('where there is no room the thread waits, until a piece is freed or the other side fails', async () => {
  const ring = new PieceRing();
  const worker = new Worker(`
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module).then(({ PieceRing }) => {
      const ring = new PieceRing(workerData.memory);
      for (let count = 1; count <= 10; count += 1) { ring.room(); ring.put(count); }
      parentPort.postMessage('through');
    });`, { eval: true, workerData: { memory: ring.memory, module: new URL('./_piece-ring.ts', import.meta.url).href } });
  const through = new Promise((resolve) => { worker.once('message', resolve); });
  for (let count = 1; count <= 6; count += 1) assert.equal(ring.take()?.length, count);
  assert.equal(ring.hasNext, false);
  ring.free(1);
  assert.equal(ring.take()?.length, 7);
  ring.fail();
  assert.equal(await through, 'through');
  await worker.terminate();
});
