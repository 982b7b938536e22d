import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../src/base/seeded-random.ts';

export const LAYERED = 'bench-layers:1';
const LAYERS = 4;
const FILES = 2000;
/** 448 MB in all, of which half can't be compressed. */
const FILE_BYTES = 56 << 10;

/** An image whose transfer takes seconds, as an archive that every engine loads: the same bytes each time. */
export function makeLayeredArchive(path: string): void {
  if (existsSync(path)) return;
  const work = `${path}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const layers: { name: string; diffId: string }[] = [];
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const directory = join(work, `tree${layer}`);
    mkdirSync(join(directory, `layer${layer}`), { recursive: true });
    const random = new SeededRandom(layer);
    for (let file = 0; file < FILES; file += 1) {
      const noise = random.bytes(FILE_BYTES / 2);
      writeFileSync(join(directory, `layer${layer}`, `f${file}`), Buffer.concat([noise, Buffer.alloc(FILE_BYTES / 2, `file ${file} of layer ${layer}\n`)]));
    }
    const name = `layer${layer}.tar`;
    execFileSync('tar', ['-C', directory, '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-cf', join(work, name), '.']);
    rmSync(directory, { recursive: true });
    layers.push({ name, diffId: `sha256:${createHash('sha256').update(readFileSync(join(work, name))).digest('hex')}` });
  }
  const config = JSON.stringify({ architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux', created: '1970-01-01T00:00:00Z', config: {}, rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) }, history: [] });
  writeFileSync(join(work, 'config.json'), config);
  writeFileSync(join(work, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [LAYERED], Layers: layers.map(({ name }) => name) }]));
  execFileSync('tar', ['-C', work, '-cf', `${path}.new`, 'manifest.json', 'config.json', ...layers.map(({ name }) => name)]);
  rmSync(work, { recursive: true });
  renameSync(`${path}.new`, path);
}
