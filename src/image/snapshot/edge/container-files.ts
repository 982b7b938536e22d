import type { Cancellation } from '#base/cancellation.ts';
import { GantryError } from '#base/error.ts';
import type { ContainerFiles, FileChange, FileView, PathStatus, WriteOptions } from '../files.ts';
import type { FilesOrder } from './files-child.ts';
import { feed, LayerChild, outputOf } from './_layer-child.ts';
import { CHILD_BUNDLE, ChildCode } from './child-code.ts';

const NEWLINE = 0x0a;
/** A status is a name and a link's target, each at most a path long, and may be escaped. */
const LONGEST_STATUS = 64 * 1024;

type Work = FilesOrder extends infer Order ? Order extends FilesOrder ? Omit<Order, 'root' | 'without'> : never : never;

/**
 * Files of containers, by one confined child for each piece of work; a few small files in this process, where the view has a
 * directory. What that takes is loaded with its first use: a daemon that nobody copies with has no memory for it. Needs to run
 * as root.
 */
export class ChildContainerFiles implements ContainerFiles {
  readonly #code: ChildCode;

  private constructor(code: ChildCode) {
    this.#code = code;
  }

  /** @param codeCache where Node keeps compiled code of the child; only root may write there */
  static async open(codeCache: string): Promise<ChildContainerFiles> {
    return new ChildContainerFiles(ChildCode.open(codeCache, CHILD_BUNDLE));
  }

  async status(view: FileView, path: string): Promise<PathStatus> {
    const known = view.directory === undefined ? undefined : (await import('./_direct-status.ts')).directStatus(view.directory, path);
    return known ?? await this.#start<PathStatus>(view, { kind: 'status', path }, 'ignore', 'ignore').result;
  }

  async read(view: FileView, path: string): Promise<{ status: PathStatus; tar: AsyncIterable<Uint8Array> }> {
    const small = view.directory === undefined ? undefined : await (await import('./_direct-read.ts')).directRead(view.directory, path);
    if (small !== undefined) return { status: small.status, tar: single(small.tar) };
    const child = this.#start<null>(view, { kind: 'read', path }, 'ignore', 'pipe');
    const output = outputOf(child);
    try {
      const { line, rest } = await firstLine(output);
      return { status: JSON.parse(line) as PathStatus, tar: joined(rest, output) };
    } catch (thrown) {
      await output.return(undefined);
      throw thrown;
    }
  }

  async write(view: FileView, path: string, tar: AsyncIterable<Uint8Array>, options: WriteOptions, cancellation: Cancellation): Promise<void> {
    const told = (thrown: unknown): unknown => cancellation.isCancelled ? new GantryError('interrupted', 'the container ended before all was written', { cause: thrown }) : thrown;
    const order = { kind: 'write', path, options } as const;
    if (view.directory === undefined) return await this.#unpack(view, order, tar, cancellation, told);
    const { directTarget, directWrite, MOST_DIRECT_BYTES } = await import('./_direct-write.ts');
    const target = directTarget(view.directory, path);
    if (target === undefined) return await this.#unpack(view, order, tar, cancellation, told);
    const { bytes, rest } = await beginning(tar, MOST_DIRECT_BYTES, cancellation).catch((thrown: unknown) => { throw told(thrown); });
    if (rest === undefined && await directWrite(view.directory, target, bytes, options, cancellation)) return;
    if (cancellation.isCancelled) throw told(undefined);
    await this.#unpack(view, order, followed(bytes, rest), cancellation, told);
  }

  async #unpack(view: FileView, work: Work, tar: AsyncIterable<Uint8Array>, cancellation: Cancellation, told: (thrown: unknown) => unknown): Promise<void> {
    const child = this.#start<null>(view, work, undefined, 'ignore');
    const deaf = cancellation.onCancel(() => void child.kill());
    const fed = feed(tar, child.stdin);
    fed.catch(() => undefined);
    try {
      // A child that has failed is told at once, also to a client that sends no more.
      await Promise.race([fed, child.result]);
      await child.result;
    } catch (thrown) {
      throw told(thrown);
    } finally {
      deaf();
      await child.kill();
    }
  }

  async *export(view: FileView): AsyncGenerator<Uint8Array> {
    yield* outputOf(this.#start<null>(view, { kind: 'export' }, 'ignore', 'pipe'));
  }

  async changes(view: FileView): Promise<readonly FileChange[]> {
    return await this.#start<readonly FileChange[]>(view, { kind: 'changes' }, 'ignore', 'ignore').result;
  }

  #start<T>({ namespace, root, without }: FileView, work: Work, stdin: 'ignore' | undefined, stdout: 'pipe' | 'ignore'): LayerChild<T> {
    const order: FilesOrder = { ...work, root, without };
    return new LayerChild<T>('files-child', order, { code: this.#code, ...(stdin === undefined ? {} : { stdin }), stdout, recipe: namespace });
  }
}

async function firstLine(output: AsyncIterator<Uint8Array>): Promise<{ line: string; rest: Uint8Array }> {
  let bytes: Uint8Array = new Uint8Array();
  for (;;) {
    const end = bytes.indexOf(NEWLINE);
    if (end >= 0) return { line: new TextDecoder().decode(bytes.subarray(0, end)), rest: bytes.subarray(end + 1) };
    const { value, done } = await output.next();
    if (done === true || bytes.length > LONGEST_STATUS) throw new GantryError('internal', 'the process that reads the files said nothing of them');
    bytes = Buffer.concat([bytes, value]);
  }
}

/**
 * Bytes up to their end or up to a number of them, whichever comes first, and what follows. Pieces may be lent: they are copied.
 * @throws GantryError interrupted once it is cancelled
 */
async function beginning(tar: AsyncIterable<Uint8Array>, most: number, cancellation: Cancellation): Promise<{ bytes: Uint8Array; rest: AsyncIterator<Uint8Array> | undefined }> {
  const rest = tar[Symbol.asyncIterator]();
  const cancelled = Promise.withResolvers<never>();
  cancelled.promise.catch(() => undefined);
  const deaf = cancellation.onCancel(() => cancelled.reject(new GantryError('interrupted', 'nobody waits for it')));
  try {
    const pieces: Uint8Array[] = [];
    for (let size = 0; size <= most;) {
      const { value, done } = await Promise.race([rest.next(), cancelled.promise]);
      if (done === true) return { bytes: Buffer.concat(pieces), rest: undefined };
      pieces.push(Buffer.from(value));
      size += value.length;
    }
    return { bytes: Buffer.concat(pieces), rest };
  } finally {
    deaf();
  }
}

async function* followed(bytes: Uint8Array, rest: AsyncIterator<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  yield bytes;
  for (let next = await rest?.next(); next !== undefined && next.done !== true; next = await rest?.next()) yield next.value;
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Not a generator: one that is left before its first piece would not run what ends the child. */
function joined(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  let isFirst = first.length > 0;
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => {
      if (!isFirst) return await rest.next();
      isFirst = false;
      return { done: false, value: first };
    },
    return: () => rest.return(undefined),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
