import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { GantryError } from '#base/error.ts';
import { PieceRing } from './_piece-ring.ts';
import type { GzipMessage, GzipOrder, GzipResult } from './gzip-worker.ts';

/** Compresses to descriptor 1 beside the thread that makes the bytes. */
export class GzipThread {
  readonly #ring = new PieceRing();
  readonly #worker: Worker;

  private constructor([file = '', ...argv]: readonly string[]) {
    this.#worker = new Worker(file, {
      argv,
      workerData: { memory: this.#ring.memory } satisfies GzipOrder,
      // Else Node opens streams of its own on descriptors 1 and 2, which do not wait any more then.
      stdout: true, stderr: true,
    });
  }

  /** Ready for a sandbox: no file of the host is read after this. @param args of a program that is `gzip-worker` */
  static async start(args: readonly string[]): Promise<GzipThread> {
    const thread = new GzipThread(args);
    await thread.#message();
    return thread;
  }

  /** Memory for the next piece, as `ByteSink` fills it. What fails is told at the end. */
  room(): Buffer {
    return this.#ring.room();
  }

  /** So much of it. Pieces are of equal length but for the last, so that the same bytes give the same gzip. */
  put(length: number): void {
    if (length > 0) this.#ring.put(length);
  }

  async end(): Promise<GzipResult> {
    this.#ring.room();
    this.#ring.put(0);
    const message = await this.#message();
    if (message === 'ready' || 'failed' in message) throw new GantryError('internal', `could not compress the layer: ${message === 'ready' ? 'it began anew' : message.failed}`);
    return message.done;
  }

  async #message(): Promise<GzipMessage> {
    const [message] = await once(this.#worker, 'message') as [GzipMessage];
    return message;
  }
}
