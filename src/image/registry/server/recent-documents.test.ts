import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfHex } from '#image/oci/digest.ts';
import { RecentDocuments } from './_recent-documents.ts';

test('what was asked for lately is not read again, and all of it together stays small', async () => {
  const documents = new RecentDocuments(10);
  const read: string[] = [];
  const get = async (name: string, size: number): Promise<number> => (await documents.get(digestOfHex(name.repeat(64)), async () => {
    read.push(name);
    return new Uint8Array(size);
  })).length;
  for (const name of ['a', 'b', 'a', 'b']) assert.equal(await get(name, 4), 4);
  assert.deepEqual(read, ['a', 'b']);
  await get('a', 4);
  await get('c', 4);
  assert.deepEqual(read.splice(0), ['a', 'b', 'c']);
  await get('a', 4);
  assert.deepEqual(read.splice(0), [], 'the one that was used longest ago has gone');
  await get('b', 4);
  await get('d', 20);
  assert.deepEqual(read.splice(0), ['b', 'd']);
  await get('d', 20);
  assert.deepEqual(read.splice(0), ['d'], 'what is larger than all may be together is not kept');
  await Promise.all([get('e', 4), get('e', 4)]);
  await get('f', 4);
  await get('e', 4);
  assert.deepEqual(read.splice(0), ['e', 'e', 'f'], 'two at a time count as one');
});
