import { Cancellation } from '#base/cancellation.ts';
import { GantryError } from '#base/error.ts';
import type { FilesQuery, OpenFiles } from '#container/host/files.ts';
import { isLive } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerFiles, FileChange, PathStatus } from '#image/snapshot/files.ts';
import { emitContainer } from './container-events.ts';
import { filesQuery } from './files-query.ts';
import type { LifeParts } from './life.ts';
import type { ArchiveRequest, FilesPort } from './port.ts';

/** A look at files, and what is to be done once it is over. */
interface Look {
  readonly container: Container;
  readonly files: OpenFiles;
  readonly cancellation: Cancellation;
  readonly end: () => void;
}

/** The files of containers, whether they run or rest. What rests is held by its lock meanwhile: nobody may start it. */
export class Files implements FilesPort {
  readonly #parts: LifeParts;
  readonly #work: ContainerFiles;

  constructor(parts: LifeParts, work: ContainerFiles) {
    this.#parts = parts;
    this.#work = work;
  }

  async status(reference: string, path: string): Promise<PathStatus> {
    const look = await this.#open(reference);
    try {
      return await this.#work.status(look.files, path);
    } finally {
      look.end();
    }
  }

  async read(reference: string, path: string): Promise<{ status: PathStatus; tar: AsyncIterable<Uint8Array> }> {
    const look = await this.#open(reference);
    try {
      const { status, tar } = await this.#work.read(look.files, path);
      emitContainer(this.#parts.events, look.container, 'archive-path');
      return { status, tar: endingWith(tar, look) };
    } catch (thrown) {
      look.end();
      throw thrown;
    }
  }

  async write(reference: string, { path, tar, keepsKind, ownedByUser }: ArchiveRequest): Promise<void> {
    const look = await this.#open(reference);
    try {
      const owner = ownedByUser ? await this.#ownerFor(look.container) : undefined;
      await this.#work.write(look.files, path, tar, { keepsKind, ...(owner === undefined ? {} : { owner }) }, look.cancellation);
      emitContainer(this.#parts.events, look.container, 'extract-to-dir');
    } finally {
      look.end();
    }
  }

  async export(reference: string): Promise<AsyncIterable<Uint8Array>> {
    const look = await this.#open(reference);
    emitContainer(this.#parts.events, look.container, 'export');
    return endingWith(this.#work.export(look.files), look);
  }

  async changes(reference: string): Promise<readonly FileChange[]> {
    const { table, preparation, ports } = this.#parts;
    const { spec } = table.find(reference);
    const files = await ports.host.openFiles({ kind: 'layers', overlay: await preparation.overlayOf(spec) });
    try {
      return await this.#work.changes(files);
    } finally {
      files.close();
    }
  }

  async #open(reference: string): Promise<Look> {
    const { table, lock, copies } = this.#parts;
    const { id } = table.find(reference).spec;
    const release = await lock.hold(id);
    let isHeld = true;
    try {
      const container = table.find(id);
      if (['removing', 'dead'].includes(container.state.phase)) throw new GantryError('conflict', `container is marked for removal: its files can't be read or written`);
      const files = await this.#parts.ports.host.openFiles(await this.#query(container));
      const cancellation = new Cancellation();
      const isRunning = isLive(container.state.phase);
      const over = isRunning ? copies.begin(id, () => cancellation.cancel()) : release;
      isHeld = !isRunning;
      let isOver = false;
      const end = (): void => {
        if (isOver) return;
        isOver = true;
        files.close();
        over();
      };
      if (isRunning) release();
      return { container, files, cancellation, end };
    } catch (thrown) {
      if (isHeld) release();
      throw thrown;
    }
  }

  async #query(container: Container): Promise<FilesQuery> {
    const { preparation, ports } = this.#parts;
    return filesQuery(container, await preparation.overlayOf(container.spec), ports.layout);
  }

  /** Of the container's user, where it has one: `docker cp -a` into it. */
  async #ownerFor({ spec }: Container): Promise<{ uid: number; gid: number } | undefined> {
    if (spec.process.user === '') return undefined;
    const { preparation } = this.#parts;
    const overlay = await preparation.overlayOf(spec);
    const { uid, gid } = await preparation.resolveUser(spec, [overlay.upper, ...overlay.lower], spec.process.user);
    return { uid, gid };
  }
}

/** Not a generator: one that is left before its first piece would not run what ends the look. */
function endingWith(tar: AsyncIterable<Uint8Array>, { cancellation, end }: Look): AsyncIterable<Uint8Array> {
  const pieces = tar[Symbol.asyncIterator]();
  const over = async (): Promise<void> => {
    await pieces.return?.();
    end();
  };
  cancellation.onCancel(() => void over());
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => {
      try {
        const next = await pieces.next();
        if (next.done === true) end();
        if (next.done === true && cancellation.isCancelled) throw new GantryError('interrupted', 'the container ended before all was read');
        return next;
      } catch (thrown) {
        end();
        throw thrown;
      }
    },
    return: async () => {
      await over();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
