import { createHash, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { tellingOfFullDisk } from '#base/full-disk.ts';
import { ContextIndex, type ContextEntry } from './context-index.ts';
import { ContextReceiver, isUnchanged, type PacketCall, type PassingBuffers, type TransferWatcher } from './receive.ts';

/** A directory of files with its index, which stays as it is until it is released. */
export interface HeldTree {
  readonly path: string;
  readonly index: ContextIndex;
  release(): void;
}

interface Generation {
  readonly path: string;
  readonly index: ContextIndex;
  holders: number;
  isCurrent: boolean;
  /** What the client listed, as it came. */
  listing?: Buffer;
  /** Ends its time in memory, while nobody holds it. */
  forgetting?: NodeJS.Timeout;
}

/**
 * How long what is known of a context stays in memory, for whoever builds again soon: without it a list of 10,000 files takes 100 ms more. It is
 * about 600 bytes a file, so very large ones leave early.
 */
const REMEMBERED_MS = 10 * 60_000;
const LARGE_REMEMBERED_MS = 30_000;
const LARGE_ENTRIES = 50_000;

/**
 * What clients sent, kept so that the next build of the same directory sends only what changed: `<key>/<generation>/` with
 * files, and `<generation>.json` with their index, which is written last: a generation without one is none.
 */
export class ContextStore {
  readonly #root: string;
  readonly #passing: (() => PassingBuffers) | undefined;
  readonly #current = new Map<string, Generation>();
  readonly #locks = new Map<string, Promise<unknown>>();

  private constructor(root: string, passing: (() => PassingBuffers) | undefined) {
    this.#root = root;
    this.#passing = passing;
  }

  /** @param passing one for each transfer */
  static async open(root: string, passing?: () => PassingBuffers): Promise<ContextStore> {
    await mkdir(root, { recursive: true, mode: 0o700 });
    // Contents are not forced to disk: after a power cut they may not be what the index says, so they are sent again.
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const mark = join(root, '.boot');
    if (readFileSync(mark, { encoding: 'utf8', flag: 'a+' }) !== boot) {
      for (const name of await readdir(root)) await rm(join(root, name), { recursive: true, force: true });
      writeFileSync(mark, boot, { mode: 0o600 });
    }
    for (const name of await readdir(root)) if (await isRubbish(join(root, name), name)) await rm(join(root, name), { recursive: true, force: true });
    return new ContextStore(root, passing);
  }

  /** @param key the same for every build of one directory with one filter */
  async sync(key: string, call: PacketCall, watcher: TransferWatcher): Promise<HeldTree> {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
    const before = this.#locks.get(name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => tellingOfFullDisk('store the context of the build', () => this.#sync(name, call, watcher)));
    this.#locks.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#locks.get(name) === mine) this.#locks.delete(name);
    }
  }

  /** An empty directory that goes when it is released. */
  async scratch(): Promise<{ readonly path: string; release(): void }> {
    const path = join(this.#root, `.scratch-${randomUUID()}`);
    await mkdir(path, { mode: 0o700 });
    return { path, release: () => rmSync(path, { recursive: true, force: true }) };
  }

  async list(): Promise<readonly { readonly name: string; readonly path: string; readonly usedMs: number; readonly isInUse: boolean }[]> {
    const found = [];
    for (const name of await readdir(this.#root)) {
      if (name.startsWith('.')) continue;
      const index = (await readdir(join(this.#root, name))).find((file) => file.endsWith('.json'));
      if (index === undefined) continue;
      const path = join(this.#root, name);
      found.push({ name, path, usedMs: (await stat(join(path, index))).mtimeMs, isInUse: this.#locks.has(name) || (this.#current.get(name)?.holders ?? 0) > 0 });
    }
    return found;
  }

  /** False where it is in use. */
  async remove(name: string): Promise<boolean> {
    if (this.#locks.has(name) || (this.#current.get(name)?.holders ?? 0) > 0) return false;
    this.#current.delete(name);
    await rm(join(this.#root, name), { recursive: true, force: true });
    return true;
  }

  async #sync(name: string, call: PacketCall, watcher: TransferWatcher): Promise<HeldTree> {
    const receiver = new ContextReceiver(call, watcher, this.#passing?.());
    const old = await this.#load(name);
    const { entries, bytes } = await receiver.list(old.index, old.listing);
    let current = old;
    if (entries !== undefined && !isUnchanged(old.index, entries)) {
      current = await this.#next(name, old, (directory) => receiver.update(directory, old.index, entries));
    }
    current.listing = bytes;
    await receiver.finish();
    return this.#hold(name, current);
  }

  async #load(name: string): Promise<Generation> {
    const known = this.#current.get(name);
    if (known !== undefined) return known;
    const place = join(this.#root, name);
    await mkdir(place, { recursive: true, mode: 0o700 });
    const files = await readdir(place);
    const named = files.find((file) => file.endsWith('.json'));
    const entries = named === undefined ? undefined : readIndex(join(place, named));
    // Without a whole index nobody knows what the files are.
    const index = entries === undefined ? undefined : named;
    const generation = index?.slice(0, -'.json'.length);
    for (const file of files) if (file !== index && file !== generation) await rm(join(place, file), { recursive: true, force: true });
    const loaded: Generation = { path: join(place, generation ?? randomUUID()), index: new ContextIndex(entries ?? []), holders: 0, isCurrent: true };
    if (generation === undefined || await stat(loaded.path).catch(() => undefined) === undefined) {
      await mkdir(loaded.path, { recursive: true, mode: 0o755 });
      const fresh = { ...loaded, index: new ContextIndex([]) };
      this.#current.set(name, fresh);
      return fresh;
    }
    this.#current.set(name, loaded);
    return loaded;
  }

  /** A directory that nobody reads is changed where it is; else a copy of it, whose files are the same until they change. */
  async #next(name: string, old: Generation, update: (directory: string) => Promise<ContextIndex>): Promise<Generation> {
    const place = join(this.#root, name);
    await rm(`${old.path}.json`, { force: true });
    const isShared = old.holders > 0;
    const path = isShared ? join(place, randomUUID()) : old.path;
    if (isShared) await copyByLinks(old.path, path);
    this.#current.delete(name);
    old.isCurrent = false;
    try {
      const index = await update(path);
      writeFileSync(`${path}.json`, JSON.stringify([...index.entries()]), { mode: 0o600 });
      const next: Generation = { path, index, holders: 0, isCurrent: true };
      this.#current.set(name, next);
      return next;
    } catch (thrown) {
      // Nobody knows what it is, and it may be what fills the disk.
      for (const half of [`${path}.json`, path]) await rm(half, { recursive: true, force: true });
      throw thrown;
    }
  }

  #hold(name: string, generation: Generation): HeldTree {
    generation.holders += 1;
    clearTimeout(generation.forgetting);
    let isHeld = true;
    const now = new Date();
    // When it was last used, for whoever collects what is not.
    void utimes(`${generation.path}.json`, now, now).catch(() => undefined);
    return {
      path: generation.path,
      index: generation.index,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        generation.holders -= 1;
        if (generation.holders > 0) return;
        if (!generation.isCurrent) rmSync(generation.path, { recursive: true, force: true });
        else generation.forgetting = setTimeout(() => this.#forget(name, generation), generation.index.size < LARGE_ENTRIES ? REMEMBERED_MS : LARGE_REMEMBERED_MS).unref();
      },
    };
  }

  #forget(name: string, generation: Generation): void {
    if (generation.holders === 0 && this.#current.get(name) === generation && !this.#locks.has(name)) this.#current.delete(name);
  }
}

/** What a daemon that ended in the middle has left. */
async function isRubbish(path: string, name: string): Promise<boolean> {
  if (name.startsWith('.')) return name.startsWith('.scratch-');
  const files = await readdir(path).catch(() => undefined);
  return files !== undefined && !files.some((file) => file.endsWith('.json'));
}

function readIndex(path: string): ContextEntry[] | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ContextEntry[];
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

async function copyByLinks(from: string, to: string): Promise<void> {
  const child = spawn('cp', ['-al', '--', from, to], { stdio: 'ignore' });
  const [code] = await once(child, 'exit') as [number | null];
  if (code !== 0) throw new GantryError('internal', `could not copy the context: cp ended with ${code}`);
}
