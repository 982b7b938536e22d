import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { OverlayMount, PrepareOptions } from '../port.ts';
import { addDockerFiles } from './_docker-files.ts';
import { readNotes, type LayerMeta, type LayerStore } from './_layer-store.ts';

const ID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const TEMPORARY = '.tmp-';

/**
 * `diff` and `commit` read the upper directory alone: without these options a renamed directory or a changed mode would be
 * only a note there that refers to the layers below. Whiteouts of other kinds than devices would be missed as well.
 */
const OPTIONS = ['redirect_dir=off', 'metacopy=off', 'index=off'] as const;

/** The directory of the snapshots: `<id>/{upper,work,merged,meta.json}`. */
export class SnapshotStore {
  readonly #directory: string;
  readonly #layers: LayerStore;

  private constructor(directory: string, layers: LayerStore) {
    this.#directory = directory;
    this.#layers = layers;
  }

  static async open(directory: string, layers: LayerStore): Promise<SnapshotStore> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Overlay takes no file system without a lower directory.
    await mkdir(join(directory, '.empty'), { recursive: true, mode: 0o755 });
    for (const name of await readdir(directory)) if (name.startsWith(TEMPORARY)) layers.removeTree(join(directory, name));
    return new SnapshotStore(directory, layers);
  }

  async prepare(id: string, chain: readonly ChainId[], { asDocker = false }: PrepareOptions = {}): Promise<OverlayMount> {
    checkId(id);
    const metas = this.#metasOf(chain);
    const lower = this.#lower(metas);
    const path = join(this.#directory, TEMPORARY + randomUUID());
    // Synchronously, since these few calls cost less than one trip through the thread pool. Nothing is forced to disk: an
    // empty snapshot that a power cut takes with it is prepared again.
    mkdirSync(path, { mode: 0o700 });
    for (const name of ['upper', 'work', 'merged']) mkdirSync(join(path, name), { mode: 0o755 });
    this.#copyRoot(metas, join(path, 'upper'));
    if (asDocker) addDockerFiles(lower, join(path, 'upper'));
    writeFileSync(join(path, 'meta.json'), JSON.stringify({ lower }), { mode: 0o600 });
    try {
      // What a power cut has left in the place is no snapshot.
      if (existsSync(join(this.#directory, id)) && await this.find(id) === undefined) await this.discard(id);
      renameSync(path, join(this.#directory, id));
    } catch (error) {
      this.#layers.removeTree(path);
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      throw new GantryError('conflict', `there is a snapshot ${id} already`, { subject: `snapshot ${id}`, cause: error });
    }
    return this.#mount(id, lower);
  }

  async find(id: string): Promise<OverlayMount | undefined> {
    if (!ID.test(id)) return undefined;
    const notes = readNotes<{ lower: string[] }>(join(this.#directory, id));
    return notes === undefined ? undefined : this.#mount(id, notes.lower);
  }

  async get(id: string): Promise<OverlayMount> {
    const mount = await this.find(id);
    if (mount === undefined) throw new GantryError('not-found', `no such snapshot: ${id}`, { subject: `snapshot ${id}` });
    return mount;
  }

  /** What `prepare` would lay below: top first. Throws `not-found` for a layer that is not there. */
  lowerOf(chain: readonly ChainId[]): readonly string[] {
    return this.#lower(this.#metasOf(chain));
  }

  /** Gives a new upper directory the owner and mode that the layers say the root has. */
  copyRoot(chain: readonly ChainId[], upper: string): void {
    this.#copyRoot(this.#metasOf(chain), upper);
  }

  async list(): Promise<string[]> {
    return (await readdir(this.#directory)).filter((name) => ID.test(name));
  }

  /** Without waiting for the disk. */
  async drop(id: string): Promise<void> {
    checkId(id);
    await this.#layers.drop(join(this.#directory, id));
  }

  async discard(id: string): Promise<boolean> {
    checkId(id);
    return this.#layers.moveAway(join(this.#directory, id));
  }

  /** Files count once, however many names they have; directories count nothing, as for Docker. */
  async usage(id: string): Promise<number> {
    const { upper } = await this.get(id);
    const find = spawn('find', ['-P', upper, '-xdev', '-type', 'f', '-printf', '%i %s\\n'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const seen = new Set<string>();
    let bytes = 0;
    let rest = '';
    find.stdout.setEncoding('utf8');
    for await (const chunk of find.stdout) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [inode, size] = line.split(' ') as [string, string];
        if (!seen.has(inode)) bytes += Number(size);
        seen.add(inode);
      }
    }
    return bytes;
  }

  #metasOf(chain: readonly ChainId[]): LayerMeta[] {
    return chain.map((layer) => {
      const meta = readNotes<LayerMeta>(this.#layers.path(layer));
      if (meta === undefined) throw new GantryError('not-found', `no such layer: ${layer}`, { subject: `layer ${layer}` });
      return meta;
    });
  }

  /** Top first. What an opaque root hides is left out: overlay does not look for that mark on a root. */
  #lower(metas: readonly LayerMeta[]): string[] {
    const hidden = metas.findLastIndex(({ opaqueRoot }) => opaqueRoot);
    const shown = metas.slice(Math.max(hidden, 0)).map(({ chain }) => this.#layers.diffPath(chain)).reverse();
    return shown.length === 0 ? [join(this.#directory, '.empty')] : shown;
  }

  /** The merged root looks like the upper one, so that takes the owner and mode that the layers say. */
  #copyRoot(metas: readonly LayerMeta[], upper: string): void {
    const source = metas.findLast(({ hasRoot }) => hasRoot);
    if (source === undefined) return;
    const { uid, gid, mode } = statSync(this.#layers.diffPath(source.chain));
    chownSync(upper, uid, gid);
    chmodSync(upper, mode & 0o7777);
  }

  #mount(id: string, lower: readonly string[]): OverlayMount {
    const path = join(this.#directory, id);
    return { lower, upper: join(path, 'upper'), work: join(path, 'work'), target: join(path, 'merged'), options: OPTIONS };
  }
}

/** It becomes part of a path. */
function checkId(id: string): void {
  if (!ID.test(id)) throw new GantryError('invalid', `${JSON.stringify(id)} cannot name a snapshot`);
}
