import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SavedMember } from '#image/oci/archive-save.ts';
import { digestOfHex, type Digest } from '#image/oci/digest.ts';
import { textToByteString } from '#image/oci/tar/byte-string.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { writeArchive } from './image-save.ts';

const digest = (name: string): Digest => digestOfHex(Buffer.from(name).toString('hex').padEnd(64, '0'));
const NAMES = ['one', 'two', 'three'];

function saved(name: string): SavedMember {
  return {
    entry: {
      type: 'file', name: textToByteString(name), linkName: textToByteString(''), mode: 0o644, uid: 0, gid: 0, size: 2 * name.length, modified: { seconds: 1_000_000_000, nanoseconds: 0 },
      deviceMajor: 0, deviceMinor: 0, xattrs: new Map(),
    },
    content: { kind: 'layer', diffId: digest(name) },
  };
}

/** Layers in two pieces, and what becomes of each. */
function world(fails = '') {
  const log: string[] = [];
  const layer = async function* (diffId: Digest): AsyncGenerator<Uint8Array> {
    const name = NAMES.find((each) => digest(each) === diffId) ?? '';
    log.push(`begin ${name}`);
    try {
      if (name === fails) throw new Error(`${name} is damaged`);
      yield Buffer.from(name);
      yield Buffer.from(name);
    } finally {
      log.push(`end ${name}`);
    }
  };
  return { log, archive: writeArchive(NAMES.map(saved), layer) };
}

test('layers come in order, each begun while the one before it is read, and no earlier', async () => {
  const { log, archive: written } = world();
  const pieces: Uint8Array[] = [];
  for await (const piece of written) pieces.push(piece);
  assert.ok(Buffer.concat(pieces).equals(archive(...NAMES.map((name) => member({ name, body: name + name })))));
  assert.deepEqual(log, ['begin one', 'begin two', 'end one', 'begin three', 'end two', 'end three']);
});

test('whoever leaves ends what was begun, and so does a layer that fails', async () => {
  const left = world();
  for await (const piece of left.archive) if (Buffer.from(piece).toString() === 'one') break;
  assert.deepEqual(left.log.toSorted(), ['begin one', 'begin two', 'end one', 'end two']);
  const broken = world('two');
  await assert.rejects(async () => { for await (const _ of broken.archive); }, /two is damaged/);
  assert.deepEqual(broken.log.filter((line) => line.startsWith('begin')).length, broken.log.filter((line) => line.startsWith('end')).length);
});
