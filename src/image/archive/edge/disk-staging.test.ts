import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { archive, member } from '#image/oci/tar/forge.ts';
import { decompressedByProgram } from '#image/snapshot/edge/decompressor.ts';
import { openDiskStaging } from './disk-staging.ts';

const directory = mkdtempSync(`${tmpdir()}/gantry-staging-`);
after(() => rmSync(directory, { recursive: true, force: true }));
/** What no compression makes much smaller. */
const content = createHash('shake256', { outputLength: 20_000 }).update('what the archive holds').digest();
const tar = archive(member({ name: 'manifest.json', body: content }));

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.prototype.slice.call(bytes, at, at + size);
}

function compressed(program: string): Buffer {
  return spawnSync(program, ['--stdout'], { input: tar }).stdout;
}

const noProgram = (path: string): string | false => (process.getuid?.() !== 0 ? 'needs root' : existsSync(path) ? false : `needs ${path}`);
const archives: readonly [name: string, skip: string | false, bytes: () => Uint8Array][] = [
  ['plain', false, () => tar], ['gzip', false, () => gzipSync(tar)], ['zstd', false, () => zstdCompressSync(tar)],
  ['xz', noProgram('/usr/bin/xz'), () => compressed('/usr/bin/xz')], ['bzip2', noProgram('/bin/bzip2'), () => compressed('/bin/bzip2')],
];

for (const [name, skip, bytes] of archives) {
  test(`an archive comes in as ${name}, in pieces of any size`, { skip }, async () => {
    const staging = await openDiskStaging(`${directory}/${name}`, decompressedByProgram);
    for (const size of [1000, 3]) {
      const staged = await staging.stage(pieces(bytes(), size));
      assert.deepEqual(staged.members.map(({ name }) => name), ['manifest.json']);
      assert.ok(content.equals(await staged.read('manifest.json', 1 << 20)));
      await assert.rejects(staged.read('manifest.json', 10), { kind: 'too-large' });
      await assert.rejects(staged.read('../manifest.json', 10), { kind: 'invalid' });
      await staged.close();
    }
    assert.deepEqual(readdirSync(`${directory}/${name}`), []);
  });

  test(`an archive of ${name} that breaks off, or is damaged, leaves nothing`, { skip }, async () => {
    const staging = await openDiskStaging(`${directory}/${name}`, decompressedByProgram);
    const damaged = Buffer.from(bytes());
    // Bytes that zstd keeps as they are have no checksum, but for that of the tar's headers.
    damaged.fill(0xff, name === 'zstd' ? 4 : 100, 140);
    for (const bad of [bytes().subarray(0, bytes().length >> 1), damaged]) await assert.rejects(staging.stage(pieces(bad, 1000)), { kind: 'invalid' });
    assert.deepEqual(readdirSync(`${directory}/${name}`), []);
  });
}

test('S-108: an archive that grows without bound is refused while it comes, and leaves nothing', async () => {
  const limits = { ratio: 500, ratioFloorBytes: 1 << 20, indexBytes: 10_000 };
  const staging = await openDiskStaging(`${directory}/bombs`, decompressedByProgram, limits);
  const bomb = gzipSync(archive(member({ name: 'zeros', body: new Uint8Array(16 << 20) })));
  await assert.rejects(staging.stage(pieces(bomb, 1000)), { kind: 'too-large', message: 'the archive grows to more than 500 times its compressed size' });
  const long = archive(...Array.from({ length: 4 }, (_, index) => member({ name: `${index}${'x'.repeat(3000)}` })));
  const many = archive(...Array.from({ length: 101 }, (_, index) => member({ name: String(index) })));
  for (const bytes of [long, many]) await assert.rejects(staging.stage(pieces(bytes, 1 << 16)), { kind: 'too-large', message: /^the archive has too many files, or too long names/ });
  assert.deepEqual(readdirSync(`${directory}/bombs`), []);
  // What is large, but no bomb.
  await (await staging.stage(pieces(archive(member({ name: 'zeros', body: new Uint8Array(4 << 20) })), 1 << 16))).close();
});
