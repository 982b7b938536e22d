import { createWriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GantryError } from '#base/error.ts';
import { tellingOfFullDisk } from '#base/full-disk.ts';
import { parseGitSource } from '#build/dockerfile/evaluate/git-source.ts';
import type { TreeWork } from '#image/snapshot/tree-work.ts';
import type { ContextStore } from './context/context-store.ts';
import { fetchGit } from './fetch-git.ts';
import { fetchUrl } from './fetch-url.ts';
import type { ExecutorPorts } from './step-executor.ts';

/** A directory with a context in it, and the Dockerfile where that came alone. */
export interface ReceivedContext {
  readonly path: string;
  readonly dockerfile: string | undefined;
  release(): void;
}

const LARGEST_DOCKERFILE = 16 << 20;
const NAME = 'archive';

/** What came as a stream: an archive, or a Dockerfile by itself. */
export async function receiveContext(bytes: AsyncIterable<Uint8Array>, { contexts, trees }: { readonly contexts: ContextStore; readonly trees: TreeWork }, signal: AbortSignal): Promise<ReceivedContext> {
  const place = await contexts.scratch();
  try {
    await mkdir(join(place.path, 'in'), { mode: 0o700 });
    await mkdir(join(place.path, 'files'), { mode: 0o755 });
    const file = join(place.path, 'in', NAME);
    await tellingOfFullDisk('store the context of the build', () => pipeline(bytes, createWriteStream(file, { mode: 0o600, flags: 'wx' }), { signal }));
    return await unpackReceived(place, file, trees, signal);
  } catch (thrown) {
    place.release();
    throw thrown;
  }
}

async function unpackReceived(place: { readonly path: string; release(): void }, file: string, trees: TreeWork, signal: AbortSignal): Promise<ReceivedContext> {
  const path = join(place.path, 'files');
  const text = await textOf(file);
  if (text === undefined) await trees.unpack({ directory: join(place.path, 'in'), name: NAME }, path, signal);
  await rm(file);
  return { path, dockerfile: text, release: () => place.release() };
}

/** Undefined for what is no text. A tar has zero bytes in its first block, compressed ones are no UTF-8. */
async function textOf(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, 512));
    await file.read(head, 0, head.length, 0);
    if (size > LARGEST_DOCKERFILE || head.includes(0)) return undefined;
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  } finally {
    await file.close();
  }
}

/** A context that is somewhere else: a repository, an archive or a Dockerfile of a server. */
export async function fetchContext(remote: string, ports: ExecutorPorts, signal: AbortSignal): Promise<ReceivedContext> {
  const git = parseGitSource(remote);
  if (git !== undefined && (!git.isAmbiguous || /\.git(#|$)/.test(remote))) {
    const { remote: place, ref, subdirectory } = git;
    const fetched = await fetchGit({ remote: place, ref, subdirectory, checksum: undefined, keepsGitDirectory: false, submodules: true }, ports, { signal, log: () => {} });
    return { ...fetched, dockerfile: undefined };
  }
  if (!/^https?:\/\//.test(remote)) throw new GantryError('invalid', `invalid context: ${remote}`);
  const fetched = await fetchUrl({ kind: 'url', title: remote, url: remote, fileName: NAME, checksum: undefined }, ports, { signal, log: () => {} });
  try {
    const text = await textOf(join(fetched.path, NAME));
    const place = await ports.contexts.scratch();
    if (text === undefined) await ports.trees.unpack({ directory: fetched.path, name: NAME }, place.path, signal);
    return { path: place.path, dockerfile: text, release: () => place.release() };
  } finally {
    fetched.release();
  }
}
