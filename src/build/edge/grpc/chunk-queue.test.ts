import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ChunkQueue } from './chunk-queue.ts';

const textOf = (chunks: readonly Buffer[] | undefined): string => Buffer.concat([...chunks ?? []]).toString();

test('what has come together is taken together, to the end', async () => {
  const stream = new PassThrough();
  const queue = new ChunkQueue(stream);
  for (const part of ['a', 'b', 'c']) stream.write(part);
  assert.equal(textOf(await queue.next()), 'abc');
  setImmediate(() => stream.end('d'));
  assert.equal(textOf(await queue.next()), 'd');
  assert.equal(await queue.next(), undefined);
  assert.equal(await new ChunkQueue(stream).next(), undefined, 'also for who comes late');
});

test('a stream that breaks off is told of after what came before', async () => {
  for (const cause of [undefined, new TypeError('reset')]) {
    const stream = new PassThrough();
    stream.on('error', () => {});
    const queue = new ChunkQueue(stream);
    stream.write('a');
    setImmediate(() => stream.destroy(cause));
    assert.equal(textOf(await queue.next()), 'a');
    await assert.rejects(queue.next(), /the connection of the build was closed/);
    await assert.rejects(new ChunkQueue(stream).next(), /the connection of the build was closed/);
  }
});

test('a reader that is slow holds the peer back', async () => {
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  const queue = new ChunkQueue(stream);
  const piece = Buffer.alloc(1 << 20);
  let written = 0;
  const write = (): void => {
    for (let flows = true; flows && written < 64; written += 1) flows = stream.write(piece);
  };
  stream.on('drain', write);
  write();
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(written < 12, `${written} MiB came`);
  let read = 0;
  while (read < 64 << 20) read += (await queue.next() ?? []).reduce((sum, { length }) => sum + length, 0);
  assert.equal(read, 64 << 20);
});

test('who leaves hears of nothing more', async () => {
  const stream = new PassThrough();
  const queue = new ChunkQueue(stream);
  stream.write('a');
  await queue.next();
  queue.leave();
  for (const name of ['data', 'error']) assert.equal(stream.listenerCount(name), 0, name);
});
