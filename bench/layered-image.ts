import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom } from '../src/base/seeded-random.ts';

export const LAYERED = 'bench-layers:1';
const LAYERS = 4;
const FILES = 2000;
/** 448 MB in all, of which half can't be compressed. */
const FILE_BYTES = 56 << 10;

export const archiveOf = (state: string): string => join(state, 'layers.tar');
export const blobsOf = (state: string): string => join(state, 'layers');

/** An image whose transfer takes seconds, the same bytes each time: as an archive that every engine loads, and compressed by gzip(1) for registries. */
export function makeLayeredImage(state: string): void {
  if (existsSync(archiveOf(state)) && existsSync(blobsOf(state))) return;
  const work = `${blobsOf(state)}.new`;
  for (const path of [work, blobsOf(state)]) rmSync(path, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const layers = Array.from({ length: LAYERS }, (_, layer) => makeLayer(work, layer));
  const diffIds = layers.map((name) => sha256(join(work, name)));
  const config = JSON.stringify({ architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux', created: '1970-01-01T00:00:00Z', config: {}, rootfs: { type: 'layers', diff_ids: diffIds }, history: [] });
  writeFileSync(join(work, 'config.json'), config);
  writeFileSync(join(work, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: [LAYERED], Layers: layers }]));
  execFileSync('tar', ['-C', work, '-cf', archiveOf(state), 'manifest.json', 'config.json', ...layers]);
  for (const name of layers) execFileSync('gzip', ['-n', '-6', join(work, name)]);
  const described = layers.map((name) => describe(`${join(work, name)}.gz`, 'application/vnd.docker.image.rootfs.diff.tar.gzip'));
  writeFileSync(join(work, 'manifest.json'), JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.v2+json', config: describe(join(work, 'config.json'), 'application/vnd.docker.container.image.v1+json'), layers: described,
  }));
  renameSync(work, blobsOf(state));
}

/** Files of a registry's repository: the blobs, and the manifest that names them. */
export function registryFiles(state: string): { readonly blobs: readonly string[]; readonly manifest: string } {
  const directory = blobsOf(state);
  return { blobs: ['config.json', ...Array.from({ length: LAYERS }, (_, layer) => `layer${layer}.tar.gz`)].map((name) => join(directory, name)), manifest: join(directory, 'manifest.json') };
}

function makeLayer(work: string, layer: number): string {
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
  return name;
}

export function sha256(path: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}

function describe(path: string, mediaType: string): object {
  return { mediaType, digest: sha256(path), size: statSync(path).size };
}
