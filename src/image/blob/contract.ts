import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isKind, type ErrorKind } from '#base/error.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import type { BlobStore } from './port.ts';
import { readBlob } from './read-blob.ts';

/** What every blob store does. `open` answers an empty one. */
export function testBlobStore(name: string, open: () => Promise<BlobStore>): void {
  const content = Buffer.from('the quick brown fox '.repeat(1000));
  const digest = digestOf(content);

  test(`${name}: what is put can be read, whole and in part`, async () => {
    const store = await open();
    assert.deepEqual(await store.put(chunks(content, 777), { digest, size: content.length }), { digest, size: content.length });
    assert.deepEqual(await store.stat(digest), { digest, size: content.length });
    assert.deepEqual(Buffer.from(await readBlob(store, digest, 1 << 20)), content);
    assert.deepEqual(await collect(store.get(digest, { offset: 5, length: 10 })), content.subarray(5, 15));
    assert.deepEqual(await collect(store.get(digest, { offset: content.length - 3 })), content.subarray(-3));
    assert.deepEqual(await collect(store.get(digest, { offset: 1, length: 0 })), Buffer.alloc(0));
    assert.deepEqual(await all(store.list()), [{ digest, size: content.length }]);
    const writtenMs = await store.usedMs(digest) ?? Infinity;
    assert.equal(await store.touch(digest), true);
    assert.ok((await store.usedMs(digest) ?? 0) >= writtenMs - 1, 'a touch is a use');
  });

  test(`${name}: empty content is content`, async () => {
    const store = await open();
    const info = await store.put(chunks(Buffer.alloc(0), 1));
    assert.equal(info.digest, digestOf(Buffer.alloc(0)));
    assert.equal((await readBlob(store, info.digest, 0)).length, 0);
  });

  const changed = Buffer.from(content);
  changed[100] = changed[100]! ^ 1;
  const refusals: [what: string, bytes: Buffer, kind: ErrorKind, expected: object][] = [
    ['one flipped bit', changed, 'invalid', { digest, size: content.length }],
    ['a short body', content.subarray(1), 'invalid', { digest, size: content.length }],
    ['a long body', Buffer.concat([content, Buffer.from('x')]), 'invalid', { digest, size: content.length }],
    ['the right digest with the wrong size', content, 'invalid', { digest, size: content.length + 1 }],
    ['more than the limit', content, 'too-large', { maxSize: 100 }],
  ];
  for (const [what, bytes, kind, expected] of refusals) {
    test(`${name}: ${what} is refused and nothing is kept`, async () => {
      const store = await open();
      await assert.rejects(store.put(chunks(bytes, 64), expected), (error) => isKind(error, kind));
      assert.deepEqual(await all(store.list()), []);
      assert.equal(await store.stat(digest), undefined);
    });
  }

  test(`${name}: a source that breaks off leaves nothing`, async () => {
    const store = await open();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield content.subarray(0, 10);
      throw new RangeError('the line is cut');
    }
    await assert.rejects(store.put(broken(), { digest }), RangeError);
    assert.deepEqual(await all(store.list()), []);
  });

  test(`${name}: the same content at the same time, twice`, async () => {
    const store = await open();
    await Promise.all([store.put(chunks(content, 100), { digest }), store.put(chunks(content, 333), { digest })]);
    assert.equal((await all(store.list())).length, 1);
  });

  test(`${name}: what is not there is not found`, async () => {
    const store = await open();
    assert.equal(await store.stat(digest), undefined);
    assert.equal(await store.remove(digest), false);
    assert.deepEqual([await store.usedMs(digest), await store.touch(digest)], [undefined, false]);
    await assert.rejects(collect(store.get(digest)), (error) => isKind(error, 'not-found'));
    await assert.rejects(readBlob(store, digest, 1), (error) => isKind(error, 'not-found'));
    await store.put(chunks(content, 4096));
    await assert.rejects(readBlob(store, digest, 1), (error) => isKind(error, 'too-large'));
    assert.equal(await store.remove(digest), true);
    assert.equal(await store.stat(digest), undefined);
  });
}

function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await all(bytes));
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
