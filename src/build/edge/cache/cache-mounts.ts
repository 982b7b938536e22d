import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { RunMount } from '../../solver/operation.ts';

export type CacheMount = Extract<RunMount, { kind: 'cache' }>;

export interface HeldCache {
  readonly path: string;
  release(): void;
}

/** Of the directory itself. */
export interface MountOwner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface CacheMountInfo {
  readonly name: string;
  readonly id: string;
  readonly path: string;
  readonly usedMs: number;
  readonly isInUse: boolean;
}

/**
 * Directories of `RUN --mount=type=cache`, each in a place named by the digest of its id: an id is never a path. `shared` ones
 * are open to all; of `locked` ones the next user waits; a `private` one that is in use has a sibling.
 */
export class CacheMounts {
  readonly #root: string;
  readonly #users = new Map<string, number>();
  readonly #queues = new Map<string, Promise<void>>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(root: string): Promise<CacheMounts> {
    await mkdir(root, { recursive: true, mode: 0o700 });
    for (const name of await readdir(root)) if (name.startsWith('.gone-')) await rm(join(root, name), { recursive: true, force: true });
    return new CacheMounts(root);
  }

  /** @param fill copies what the mount begins with, where it has a source, and answers with the owner and mode of that */
  async take(mount: CacheMount, fill: ((directory: string) => Promise<MountOwner>) | undefined, signal: AbortSignal): Promise<HeldCache> {
    const name = nameOf(mount);
    switch (mount.sharing) {
      case 'shared': return await this.#hold(name, mount, fill, () => {});
      case 'locked': return await this.#hold(name, mount, fill, await this.#lock(name, signal));
      case 'private': {
        let free = name;
        for (let number = 2; (this.#users.get(free) ?? 0) > 0; number += 1) free = `${name}-${number}`;
        return await this.#hold(free, mount, fill, () => {});
      }
    }
  }

  /** What a mount holds, to be read; undefined where nobody has used it yet. Writers wait where they lock it. */
  async lend(mount: CacheMount, signal: AbortSignal): Promise<(HeldCache & MountOwner & { readonly name: string }) | undefined> {
    const name = nameOf(mount);
    if (!existsSync(join(this.#root, name, 'id'))) return undefined;
    const held = await this.#hold(name, mount, undefined, mount.sharing === 'locked' ? await this.#lock(name, signal) : () => {});
    const { mode, uid, gid } = statSync(held.path);
    return { ...held, name, mode: mode & 0o7777, uid, gid };
  }

  /** A mount begins with what it held elsewhere. False where it is here already: it stays as it is. */
  async seed(name: string, { id, ...owner }: MountOwner & { readonly id: string }, fill: (directory: string) => Promise<void>, signal: AbortSignal): Promise<boolean> {
    const unlock = await this.#lock(name, signal);
    if (existsSync(join(this.#root, name, 'id'))) {
      unlock();
      return false;
    }
    try {
      (await this.#hold(name, { id, ...owner }, fill, unlock)).release();
      return true;
    } catch (thrown) {
      // A part of it is nothing to begin with.
      await rm(join(this.#root, name), { recursive: true, force: true });
      throw thrown;
    }
  }

  async list(): Promise<readonly CacheMountInfo[]> {
    const found: CacheMountInfo[] = [];
    for (const name of await readdir(this.#root)) {
      const notes = join(this.#root, name, 'id');
      if (name.startsWith('.') || !existsSync(notes)) continue;
      found.push({ name, id: readFileSync(notes, 'utf8'), path: join(this.#root, name, 'data'), usedMs: (await stat(notes)).mtimeMs, isInUse: (this.#users.get(name) ?? 0) > 0 });
    }
    return found;
  }

  /** False where it is in use. */
  async remove(name: string): Promise<boolean> {
    if ((this.#users.get(name) ?? 0) > 0) return false;
    const gone = join(this.#root, `.gone-${randomUUID()}`);
    await rename(join(this.#root, name), gone);
    await rm(gone, { recursive: true, force: true });
    return true;
  }

  async #hold(name: string, mount: MountOwner & { readonly id: string }, fill: ((directory: string) => Promise<MountOwner | void>) | undefined, unlock: () => void): Promise<HeldCache> {
    this.#users.set(name, (this.#users.get(name) ?? 0) + 1);
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#users.set(name, (this.#users.get(name) ?? 1) - 1);
      unlock();
    };
    try {
      const place = join(this.#root, name);
      const path = join(place, 'data');
      if (!existsSync(join(place, 'id'))) {
        await mkdir(path, { recursive: true, mode: 0o755 });
        const { uid, gid, mode } = await fill?.(path) ?? mount;
        chownSync(path, uid, gid);
        chmodSync(path, mode & 0o7777);
        writeFileSync(join(place, 'id'), mount.id, { mode: 0o600 });
      }
      const now = new Date();
      await utimes(join(place, 'id'), now, now);
      return { path, release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /** Users come one after the other, in the order in which they asked. */
  async #lock(name: string, signal: AbortSignal): Promise<() => void> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const mine = Promise.withResolvers<void>();
    this.#queues.set(name, before.then(() => mine.promise));
    const leave = Promise.withResolvers<never>();
    leave.promise.catch(() => undefined);
    const stop = (): void => leave.reject(new GantryError('interrupted', 'the build was given up'));
    signal.addEventListener('abort', stop, { once: true });
    try {
      await Promise.race([before, leave.promise]);
      return mine.resolve;
    } catch (thrown) {
      mine.resolve();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** An id is never a path. */
function nameOf(mount: CacheMount): string {
  return createHash('sha256').update(JSON.stringify([mount.id, mount.input === undefined ? null : mount.path])).digest('hex').slice(0, 40);
}
