import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { constants, readdirSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { chainHex, type ChainId } from '#image/oci/chain-id.ts';
import { isDigest } from '#image/oci/digest.ts';
import type { LayerInfo } from '../port.ts';
import { spreadSubdirectories } from './_spread.ts';

/** What is kept beside a layer's files. */
export interface LayerMeta extends LayerInfo {
  /** Of the recipe and of this file. */
  readonly version: 1;
  /** The archive says what the root directory looks like. */
  readonly hasRoot: boolean;
  /** The root hides all layers below, which overlay cannot be told by an attribute. */
  readonly opaqueRoot: boolean;
  /** CRC-32 of the tar, which gzip needs as well. Layers of earlier versions have none. */
  readonly crc32?: number;
  /** There is no recipe: the tar is what `diff` makes of the files. Set for layers that were made here. */
  readonly isFromFiles?: boolean;
}

const TEMPORARY = '.tmp-';
const GONE = '.gone-';

/**
 * The directory of the layers: `<hex of chain id>/{diff/,meta.json,recipe,replaced}`. A layer is built under a temporary name
 * and renamed when all of it is on disk. It is removed by renaming it away. So what has a layer's name is whole, and what
 * has another name is rubbish of a process that ended in the middle.
 */
export class LayerStore {
  readonly directory: string;
  readonly #removals = new Set<Promise<void>>();
  /** Small trees go one after another: none keeps more than one thread of the pool. */
  #smallRemovals: Promise<void> = Promise.resolve();

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(directory: string): Promise<LayerStore> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    spreadSubdirectories(directory);
    const store = new LayerStore(directory);
    for (const name of await readdir(directory)) {
      if (name.startsWith(TEMPORARY) || name.startsWith(GONE)) store.removeTree(join(directory, name));
    }
    return store;
  }

  diffPath(chain: ChainId): string {
    return join(this.path(chain), 'diff');
  }

  path(chain: ChainId): string {
    return join(this.directory, chainHex(chain));
  }

  /** Undefined also where a fault of the disk has made it unreadable: such a layer is no layer, and is replaced by the next one. */
  async meta(chain: ChainId): Promise<LayerMeta | undefined> {
    return readNotes<LayerMeta>(this.path(chain));
  }

  async list(): Promise<LayerMeta[]> {
    const names = (await readdir(this.directory)).map((name) => `sha256:${name}`).filter(isDigest);
    const metas = await Promise.all(names.map((name) => this.meta(name as string as ChainId)));
    return metas.filter((meta) => meta !== undefined);
  }

  /** A new directory with an empty `diff`, which no reader sees. */
  async begin(): Promise<string> {
    const path = join(this.directory, TEMPORARY + randomUUID());
    await mkdir(join(path, 'diff'), { recursive: true, mode: 0o755 });
    return path;
  }

  /** The same without a `diff`: a directory of files will be moved in. */
  async beginEmpty(): Promise<string> {
    const path = join(this.directory, TEMPORARY + randomUUID());
    await mkdir(path, { mode: 0o755 });
    return path;
  }

  /** Writes down what the layer is. */
  async describe(path: string, meta: LayerMeta): Promise<void> {
    await writeFile(join(path, 'meta.json'), JSON.stringify(meta), { flag: 'wx', mode: 0o600 });
  }

  /** Writes down what the layer is, and lets it appear. Its files must be on disk already. False where another one was first. */
  async publish(path: string, meta: LayerMeta): Promise<boolean> {
    await this.describe(path, meta);
    // Together they are one write of the journal.
    await Promise.all(['meta.json', '.'].map((name) => syncPath(join(path, name))));
    return this.appear(path, meta.chain);
  }

  /** The layer appears. Its files must be on disk already, its description too. False where another one was first. */
  async appear(path: string, chain: ChainId): Promise<boolean> {
    let placed = await this.#place(path, chain);
    if (!placed && await this.meta(chain) === undefined) {
      await this.remove(chain);
      placed = await this.#place(path, chain);
    }
    if (placed) await syncDirectory(this.directory);
    else this.removeTree(path);
    return placed;
  }

  async #place(path: string, chain: ChainId): Promise<boolean> {
    try {
      await rename(path, this.path(chain));
      return true;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return false;
    }
  }

  /** True where it was there. Its files go in the background. */
  async remove(chain: ChainId): Promise<boolean> {
    return this.moveAway(this.path(chain));
  }

  /** Those that are there. In the order given, so that none stays whose lower layers are gone. */
  async removeAll(chains: readonly ChainId[]): Promise<void> {
    const gone: string[] = [];
    for (const chain of chains) {
      const path = await this.#rename(this.path(chain));
      if (path !== undefined) gone.push(path);
    }
    if (gone.length === 0) return;
    await syncDirectory(this.directory);
    this.#removeTrees(gone.filter((path) => !this.#removeSmallTree(path)));
  }

  /** The same where nothing depends on the disk knowing. */
  async drop(path: string): Promise<void> {
    const gone = await this.#rename(path);
    if (gone !== undefined) this.removeTree(gone);
  }

  async moveAway(path: string): Promise<boolean> {
    const gone = await this.#rename(path);
    if (gone === undefined) return false;
    await syncDirectory(this.directory);
    this.removeTree(gone);
    return true;
  }

  async #rename(path: string): Promise<string | undefined> {
    const gone = join(this.directory, GONE + randomUUID());
    try {
      await rename(path, gone);
      return gone;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      if (code === 'EBUSY') throw new GantryError('conflict', `could not remove ${path}: something is mounted there`, { cause: error });
      throw error;
    }
  }

  /** In a process of its own, which costs this one nothing; never across a mount that was left behind. */
  removeTree(path: string): void {
    if (!this.#removeSmallTree(path)) this.#removeTrees([path]);
  }

  /**
   * Whether the tree is small: what a container that wrote little leaves. It goes off the loop: where a monitor still has something mounted
   * on one of the directories, rmdir(2) waits its turn among all monitors whose mounts the kernel takes apart.
   */
  #removeSmallTree(path: string): boolean {
    const entries = smallTree(path);
    if (entries === undefined) return false;
    this.#smallRemovals = this.#smallRemovals.then(async () => {
      try {
        for (const { path: each, isDirectory } of entries) await (isDirectory ? rmdir(each) : unlink(each));
      } catch {
        // Somebody still writes there.
        this.#removeTrees([path]);
      }
    });
    return true;
  }

  #removeTrees(paths: readonly string[]): void {
    if (paths.length === 0) return;
    const removal = new Promise<void>((resolve) => {
      const child = spawn('rm', ['-rf', '--one-file-system', '--', ...paths], { stdio: 'ignore' });
      child.once('error', () => { void Promise.all(paths.map((path) => rm(path, { recursive: true, force: true }).catch(() => undefined))).then(() => resolve()); });
      child.once('exit', () => resolve());
    });
    this.#removals.add(removal);
    void removal.then(() => this.#removals.delete(removal));
  }

  /** Until everything that was removed is gone from the disk. */
  async settled(): Promise<void> {
    await this.#smallRemovals;
    await Promise.all(this.#removals);
  }
}

/** The `meta.json` of a directory; undefined where there is none, or where a power cut has left half of it. */
export function readNotes<T>(directory: string): T | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'meta.json'), 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function syncDirectory(path: string): Promise<void> {
  await syncPath(join(path, '.'));
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A process for the removal costs more than removing these here. */
const SMALL_TREE_ENTRIES = 40;

interface TreeEntry {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** What is in a tree and the tree itself, in the order in which it can be removed; undefined where it is large, or gone. */
function smallTree(path: string): readonly TreeEntry[] | undefined {
  const entries: TreeEntry[] = [];
  try {
    return collect(path, entries) ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** False where there are too many, soon after the last that is not. */
function collect(directory: string, entries: TreeEntry[]): boolean {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (!entry.isDirectory()) entries.push({ path, isDirectory: false });
    else if (!collect(path, entries)) return false;
    if (entries.length > SMALL_TREE_ENTRIES) return false;
  }
  entries.push({ path: directory, isDirectory: true });
  return true;
}
