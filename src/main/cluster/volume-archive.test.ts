import assert from 'node:assert/strict';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packVolumes, placeVolumes, VolumeUnpacker, type VolumePiece } from './volume-archive.ts';

async function inScratch(body: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'gantry-volumes-'));
  try {
    await body(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('volumes are packed and unpacked with modes, links and sizes, whatever they are called', async () => {
  await inScratch(async (root) => {
    const from = join(root, 'from');
    mkdirSync(join(from, 'pvc-1', 'deep'), { recursive: true });
    mkdirSync(join(from, 'empty'));
    writeFileSync(join(from, 'no-volume'), '');
    writeFileSync(join(from, 'pvc-1', 'deep', 'large'), Buffer.alloc(300_000, 7));
    chmodSync(join(from, 'pvc-1', 'deep', 'large'), 0o640);
    linkSync(join(from, 'pvc-1', 'deep', 'large'), join(from, 'pvc-1', 'same'));
    symlinkSync('/etc/passwd', join(from, 'pvc-1', 'out'));
    const unpacker = new VolumeUnpacker(join(root, 'to'));
    for await (const piece of packVolumes(from)) await unpacker.take(piece);
    await unpacker.finish();
    const [large, same] = ['deep/large', 'same'].map((path) => statSync(join(root, 'to', 'pvc-1', path)));
    assert.deepEqual([large?.size, (large?.mode ?? 0) & 0o777, large?.ino === same?.ino], [300_000, 0o640, true]);
    assert.equal(readlinkSync(join(root, 'to', 'pvc-1', 'out')), '/etc/passwd');
    assert.ok(statSync(join(root, 'to', 'empty')).isDirectory());
    assert.throws(() => statSync(join(root, 'to', 'no-volume')), /ENOENT/);
  });
});

test('what is no volume is refused, and leads nowhere', async () => {
  await inScratch(async (root) => {
    for (const name of ['../x', '.', '..', 'a/b', '', '-x']) await assert.rejects(new VolumeUnpacker(root).take({ name, bytes: new Uint8Array() }), /no name of a volume/, name);
    const unpacker = new VolumeUnpacker(root);
    await unpacker.take({ name: 'v', bytes: Buffer.alloc(20_000, 'x') } satisfies VolumePiece);
    await assert.rejects(unpacker.finish(), /volume v can't be unpacked: .*tar/s);
    const left = new VolumeUnpacker(root);
    await left.take({ name: 'w', bytes: Buffer.alloc(10) });
    await left.abandon();
  });
});

test('what was in the place of a volume goes aside, also where that was stopped half way', async () => {
  await inScratch(async (root) => {
    const [from, to, aside] = ['from', 'to', 'aside'].map((name) => join(root, name)) as [string, string, string];
    for (const [place, name, text] of [[from, 'a', 'new'], [from, 'b', 'new'], [to, 'a', 'old'], [to, 'c', 'other']] as const) {
      mkdirSync(join(place, name), { recursive: true });
      writeFileSync(join(place, name, 'file'), text);
    }
    await placeVolumes(from, to, aside);
    await placeVolumes(from, to, aside);
    const texts = ([[to, 'a'], [to, 'b'], [to, 'c'], [aside, 'a']] as const).map(([place, name]) => readFileSync(join(place, name, 'file'), 'utf8'));
    assert.deepEqual(texts, ['new', 'new', 'other', 'old']);
  });
});
