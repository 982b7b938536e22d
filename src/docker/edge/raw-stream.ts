import type { Duplex } from 'node:stream';
import type { ContainerIo } from '#container/host/io.ts';
import { DetachScanner } from '../detach-keys.ts';
import { frameHeader, STDERR, STDOUT } from '../stdcopy.ts';

/** Input that may come before the container runs. */
const LARGEST_EARLY_INPUT = 256 * 1024;
/** A client has this long to close its side once all is said. */
const LINGER_MS = 5000;

export interface StreamOptions {
  /** Frames tell stdout from stderr; a terminal has no frames. */
  readonly multiplexed: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Keys that end the connection and leave the container. */
  readonly detachKeys?: Uint8Array;
  /** The client went away while the stream was joined. */
  readonly onLost?: () => void;
  /** The keys were pressed. */
  readonly onDetach?: () => void;
}

/** How often a client that has said all is asked whether it still listens. */
const PROBE_EVERY_MS = 1000;

/** Writes a piece of output. @returns false where the socket asks for a pause */
export function writePiece(socket: Duplex, stream: number, bytes: Uint8Array, multiplexed: boolean): boolean {
  if (!multiplexed) return socket.write(bytes);
  socket.cork();
  socket.write(frameHeader(stream, bytes.length));
  const isFree = socket.write(bytes);
  socket.uncork();
  return isFree;
}

/** Ends our side, and drops what the client still sends: closing with unread input would be a reset at its end. */
export function endGently(socket: Duplex): void {
  socket.removeAllListeners('data');
  socket.on('data', () => {});
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end();
}

/** A client's connection joined to the streams of a container or an exec. */
export class RawStream {
  readonly #socket: Duplex;
  readonly #options: StreamOptions;
  readonly #scanner: DetachScanner;
  readonly #giveUp: () => void;
  #io: ContainerIo | undefined;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #inputEnded = false;
  #isHeld = false;
  #isOver = false;

  /** @param giveUp the client went away before there was anything to join */
  constructor(socket: Duplex, options: StreamOptions, giveUp: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#scanner = new DetachScanner(options.detachKeys ?? new Uint8Array());
    this.#giveUp = giveUp;
    socket.on('data', (bytes: Buffer) => this.#input(bytes));
    socket.on('end', () => {
      this.#endInput();
      this.#probe();
    });
    socket.on('close', () => this.#lose());
    socket.on('drain', () => this.#release());
  }

  join(io: ContainerIo): void {
    if (this.#isOver) {
      io.close();
      return;
    }
    this.#io = io;
    io.onDrain(() => this.#socket.resume());
    io.onEnd(() => this.finish());
    for (const bytes of this.#early.splice(0)) io.write(bytes);
    if (this.#inputEnded) io.endInput();
    io.onOutput((stream, bytes) => this.#output(stream, bytes));
    this.#socket.resume();
  }

  /** No more will come from the container. */
  finish(message?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (message !== undefined) writePiece(this.#socket, STDOUT, new TextEncoder().encode(`${message}\r\n`), this.#options.multiplexed);
    endGently(this.#socket);
  }

  #output(stream: 1 | 2, bytes: Uint8Array): void {
    if (this.#isOver || (stream === STDERR ? !this.#options.stderr : !this.#options.stdout)) return;
    if (writePiece(this.#socket, stream, bytes, this.#options.multiplexed) || this.#isHeld) return;
    this.#isHeld = true;
    this.#io?.pause();
  }

  #release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#io?.resume();
  }

  #input(bytes: Uint8Array): void {
    if (!this.#options.stdin || this.#isOver) return;
    const { pass, detached } = this.#scanner.scan(bytes);
    if (pass.length > 0) this.#pass(pass);
    if (!detached) return;
    this.#options.onDetach?.();
    this.#io?.close();
    if (this.#io === undefined) this.#giveUp();
    this.finish();
  }

  #pass(bytes: Uint8Array): void {
    if (this.#io !== undefined) {
      if (!this.#io.write(bytes)) this.#socket.pause();
      return;
    }
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > LARGEST_EARLY_INPUT) this.#socket.pause();
  }

  /** The client has said all; it may still listen, so nothing but the container's input ends. */
  #endInput(): void {
    if (!this.#options.stdin || this.#isOver || this.#inputEnded) return;
    const held = this.#scanner.rest();
    if (held.length > 0) this.#pass(held);
    this.#inputEnded = true;
    this.#io?.endInput();
  }

  /**
   * A client that closed its side may be gone altogether, which a reader of the socket can't tell apart. A
   * write of nothing can: it fails where nobody listens, and does nothing else.
   */
  #probe(): void {
    if (this.#isOver || this.#socket.destroyed) return;
    if (this.#socket.writableLength === 0) this.#socket.write(new Uint8Array());
    setTimeout(() => this.#probe(), PROBE_EVERY_MS).unref();
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#io === undefined) this.#giveUp();
    else this.#io.close();
    this.#options.onLost?.();
  }
}
