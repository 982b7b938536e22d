import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants, getPriority, setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { GantryError, messageOf } from '#base/error.ts';
import { LentPieces, openPipe } from './_lent-output.ts';
import { CHILD_FD, type ChildAnswer, type ChildResult } from './_child-result.ts';
import type { ChildCode, ChildProgram } from './child-code.ts';

/** A little more than the largest layer that limits allow needs. */
const HEAP_MIB = 1024;
/** These live shortly, several at once: further threads for the garbage cost more than they give. */
const FLAGS = ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${HEAP_MIB}`, '--single-threaded-gc'];
const MAX_STDERR = 4096;

export interface ChildOptions {
  readonly code: ChildCode;
  /** A descriptor, the output of another child, or undefined for a pipe. */
  readonly stdin?: number | 'ignore' | Readable;
  /** `lent`: by a pipe whose pieces `lentOutputOf` gives, all in the same memory. */
  readonly stdout: 'pipe' | 'lent' | 'ignore';
  readonly recipe?: number;
  readonly replaced?: number;
  readonly told?: Told;
}

/** Told of each number and each answer that the child reports before its result. May throw: then the child is ended, and this is its result. */
export type Told = (message: number | ChildAnswer) => void;

/** One process that works on foreign bytes, confined to one directory. */
export class LayerChild<T> {
  readonly #process: ChildProcess;
  readonly #lent: LentPieces | undefined;
  #isBehind = false;
  readonly result: Promise<T>;
  /** May be set later for one that waits for its order. */
  told: Told;

  constructor(program: ChildProgram, order: object, options: ChildOptions) {
    const pipe = options.stdout === 'lent' ? openPipe() : undefined;
    const stdio: StdioOptions = [options.stdin ?? 'pipe', pipe?.writer ?? options.stdout as 'pipe' | 'ignore', 'pipe', 'pipe', options.recipe ?? 'ignore', options.replaced ?? 'ignore'];
    const { args, env } = options.code.startOf(program);
    this.#process = spawn(process.execPath, [...FLAGS, ...args, JSON.stringify(order)], { cwd: '/', env: { ...env }, stdio });
    if (pipe !== undefined) {
      closeSync(pipe.writer);
      this.#lent = new LentPieces(pipe.reader);
    }
    this.told = options.told ?? (() => undefined);
    this.result = this.#collect(program);
    // Awaited later, or never where the stream breaks off first.
    this.result.catch(() => undefined);
  }

  get stdin(): Writable {
    return this.#process.stdin!;
  }

  get stdout(): Readable {
    return this.#process.stdout!;
  }

  get lent(): LentPieces {
    return this.#lent!;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null || this.#process.pid === undefined;
  }

  /** Whether this process stays for its sake: not for one that has nothing to do yet. */
  hold(isHeld: boolean): void {
    const how = isHeld ? 'ref' : 'unref';
    this.#process[how]();
    for (const stream of this.#process.stdio) if (stream instanceof Socket) stream[how]();
  }

  /** Runs when nobody else would, so that it takes no processor from whom it waits for; or as others again. */
  stayBehind(isBehind: boolean): void {
    if (isBehind === this.#isBehind || this.hasEnded) return;
    this.#isBehind = isBehind;
    try {
      setPriority(this.#process.pid as number, isBehind ? constants.priority.PRIORITY_LOW : getPriority());
    } catch { /* it has just ended, or may not be changed: then it takes its turn as it did */ }
  }

  /** Ends it at once. One that has not said its result is gone then. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    this.#process.kill('SIGKILL');
    await this.result.catch(() => undefined);
  }

  async #collect(program: ChildProgram): Promise<T> {
    const complaints = beginningOf(this.#process.stderr!);
    const exit = once(this.#process, 'exit');
    exit.catch(() => undefined);
    // It does nothing after its line but end, which takes as long as a small layer: the kernel has its namespaces and memory to clear away.
    const line = await this.#lastLine().catch(async (thrown: unknown) => {
      await exit.catch(() => undefined);
      throw thrown;
    });
    if (line === '') {
      try {
        await exit;
      } catch (cause) {
        throw new GantryError('internal', `could not start the process that handles layers: ${messageOf(cause)}`, { cause });
      }
      const how = this.#process.signalCode ?? `status ${this.#process.exitCode}`;
      throw new GantryError('internal', `the process that handles layers ended without a result (${program}, ${how}): ${(await complaints).trim()}`);
    }
    const result = JSON.parse(line) as ChildResult<T>;
    if ('ok' in result) return result.ok;
    const { kind, message, subject, hint } = result.error;
    throw new GantryError(kind, message, { ...(subject === undefined ? {} : { subject }), ...(hint === undefined ? {} : { hint }) });
  }

  async #lastLine(): Promise<string> {
    const stream = this.#process.stdio[CHILD_FD.result] as Readable;
    stream.setEncoding('utf8');
    let rest = '';
    try {
      for await (const chunk of stream) {
        const lines = (rest + (chunk as string)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (/^\d+$/.test(line)) this.told(Number(line));
          else if (line.startsWith('{"answer":')) this.told(JSON.parse(line) as ChildAnswer);
          else return line;
        }
      }
      return rest;
    } catch (thrown) {
      this.#process.kill('SIGKILL');
      throw thrown;
    }
  }
}

async function beginningOf(stream: Readable): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) if (text.length < MAX_STDERR) text += chunk as string;
  return text;
}

/**
 * Passes bytes on until they end, or until the other side does not want more. Errors of the source are thrown. A piece has gone
 * before the next is asked for: it may be lent.
 */
export async function feed(bytes: AsyncIterable<Uint8Array>, into: Writable): Promise<void> {
  let closed = false;
  let wake = (): void => {};
  const stop = (): void => { closed = true; wake(); };
  into.once('close', stop);
  // The child reports why it stopped reading.
  into.on('error', stop);
  for await (const chunk of bytes) {
    if (!closed) await new Promise<void>((resolve) => { wake = resolve; into.write(chunk, () => resolve()); });
    if (closed) return;
  }
  into.end();
}

/** Pieces of pipes are small, and each passes through several hands. */
const GATHERED_BYTES = 256 << 10;

/** What the child writes, then its result: the stream fails where the child did. */
export async function* outputOf(child: LayerChild<unknown>): AsyncGenerator<Uint8Array> {
  try {
    let held: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      held.push(chunk);
      bytes += chunk.length;
      if (bytes < GATHERED_BYTES) continue;
      yield Buffer.concat(held, bytes);
      [held, bytes] = [[], 0];
    }
    if (bytes > 0) yield Buffer.concat(held, bytes);
    await child.result;
  } finally {
    await child.kill();
  }
}

/** The same of a child whose output is lent: each piece is good until the next one is asked for. */
export async function* lentOutputOf(child: LayerChild<unknown>): AsyncGenerator<Uint8Array> {
  try {
    yield* child.lent;
    await child.result;
  } finally {
    child.lent.destroy();
    await child.kill();
  }
}
