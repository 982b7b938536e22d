import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { byteStringToText } from '#image/oci/tar/byte-string.ts';
import type { TarEntry } from '#image/oci/tar/entry.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import { classifyName } from '#image/oci/whiteout.ts';

/** What file operations made may come from the reference's cache of an earlier run. */
const DAY_MS = 86_400_000;

interface Member {
  readonly entry: TarEntry;
  readonly data: Buffer;
}

function members(tar: Uint8Array): Member[] {
  const found: Member[] = [];
  let pieces: Uint8Array[] = [];
  const reader = new TarReader({
    raw: () => undefined,
    entry: (entry) => { found.push({ entry, data: Buffer.alloc(0) }); pieces = []; },
    data: (bytes) => { pieces.push(Uint8Array.from(bytes)); },
    entryEnd: () => { const last = found.pop(); if (last !== undefined) found.push({ entry: last.entry, data: Buffer.concat(pieces) }); },
  });
  reader.push(tar);
  reader.end();
  return found;
}

/** The config of a saved image, and its files as lines. Times from `since` on are by chance. */
export function readTree(archive: Uint8Array, since: number): { readonly configJson: string; readonly tree: readonly string[] } {
  const files = new Map(members(archive).map(({ entry, data }) => [byteStringToText(entry.name), data]));
  const [manifest] = JSON.parse(files.get('manifest.json')?.toString('utf8') ?? '[]') as { Config: string; Layers: string[] | null }[];
  if (manifest === undefined) throw new TypeError(`no image in the archive: ${Buffer.from(archive.subarray(0, 200)).toString('latin1')}`);
  const merged = new Map<string, string>();
  for (const name of manifest.Layers ?? []) applyLayer(merged, files.get(name) as Buffer, since);
  return { configJson: files.get(manifest.Config)?.toString('utf8') ?? '', tree: [...merged].sort(([left], [right]) => (left < right ? -1 : 1)).map(([path, line]) => `${path} ${line}`) };
}

function applyLayer(merged: Map<string, string>, layer: Buffer, since: number): void {
  const added = new Map<string, string>();
  const remove = (path: string, own: boolean): void => {
    for (const known of [...merged.keys()]) if ((own && known === path) || known.startsWith(path === '' ? '' : `${path}/`)) merged.delete(known);
  };
  for (const { entry, data } of members(layer[0] === 0x1f ? gunzipSync(layer) : layer)) {
    const name = classifyName(entry.name);
    if (name.kind === 'ignored') continue;
    if (name.kind === 'whiteout') remove(byteStringToText(name.path), true);
    else if (name.kind === 'opaque') remove(byteStringToText(name.path), false);
    else {
      const path = byteStringToText(name.path);
      if (path === '') continue;
      if (entry.type !== 'directory') remove(path, true);
      added.set(path, describe(entry, data, since));
    }
  }
  for (const [path, line] of added) merged.set(path, line);
}

function describe(entry: TarEntry, data: Buffer, since: number): string {
  if (entry.type === 'hardlink') return `hardlink ${byteStringToText(entry.linkName).replace(/^\/+/, '')}`;
  const time = entry.modified.seconds * 1000 >= since - DAY_MS ? 'new' : String(entry.modified.seconds);
  const content = entry.type === 'file' ? `${data.length} ${createHash('sha256').update(data).digest('hex').slice(0, 12)}` : entry.type === 'symlink' ? `-> ${byteStringToText(entry.linkName)}` : `${entry.deviceMajor}:${entry.deviceMinor}`;
  const xattrs = [...entry.xattrs].map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`).sort().join(' ');
  return `${entry.type} ${entry.mode.toString(8)} ${entry.uid}:${entry.gid} ${time} ${content} ${xattrs}`.trimEnd();
}
