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

/** Files of containers, by one confined child for each piece of work. Needs to run as root. */
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
    return await this.#start<PathStatus>(view, { kind: 'status', path }, 'ignore', 'ignore').result;
  }

  async read(view: FileView, path: string): Promise<{ status: PathStatus; tar: AsyncIterable<Uint8Array> }> {
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
    const child = this.#start<null>(view, { kind: 'write', path, options }, undefined, 'ignore');
    const deaf = cancellation.onCancel(() => void child.kill());
    const fed = feed(tar, child.stdin);
    fed.catch(() => undefined);
    try {
      // A child that has failed is told at once, also to a client that sends no more.
      await Promise.race([fed, child.result]);
      await child.result;
    } catch (thrown) {
      throw cancellation.isCancelled ? new GantryError('interrupted', 'the container ended before all was written', { cause: thrown }) : thrown;
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
