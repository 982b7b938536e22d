import type { ContainerIo } from '#container/host/io.ts';

/** Standard streams of a container that a test plays. */
export class FakeIo implements ContainerIo {
  readonly input: number[] = [];
  inputEnded = false;
  closed = false;
  paused = false;
  #output: ((stream: 1 | 2, bytes: Uint8Array) => void) | undefined;
  readonly #waiting: [1 | 2, Uint8Array][] = [];
  #ends: (() => void)[] = [];
  #hasEnded = false;
  /** Called for each piece of input. */
  onInput: (bytes: Uint8Array) => void = () => {};
  onInputEnd: () => void = () => {};

  onOutput(callback: (stream: 1 | 2, bytes: Uint8Array) => void): void {
    this.#output = callback;
    this.#flush();
  }

  onEnd(callback: () => void): void {
    if (this.#hasEnded) callback();
    else this.#ends.push(callback);
  }

  write(bytes: Uint8Array): boolean {
    this.input.push(...bytes);
    this.onInput(bytes);
    return true;
  }

  onDrain(): void {}

  endInput(): void {
    this.inputEnded = true;
    this.onInputEnd();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.#flush();
  }

  abort(): void {
    this.end();
  }

  close(): void {
    this.closed = true;
  }

  get inputText(): string {
    return new TextDecoder().decode(Uint8Array.from(this.input));
  }

  /** The container writes. */
  print(text: string, stream: 1 | 2 = 1): void {
    this.printBytes(new TextEncoder().encode(text), stream);
  }

  printBytes(bytes: Uint8Array, stream: 1 | 2 = 1): void {
    this.#waiting.push([stream, bytes]);
    this.#flush();
  }

  /** The container has ended. */
  end(): void {
    this.#hasEnded = true;
    if (this.#waiting.length > 0) return;
    for (const callback of this.#ends.splice(0)) callback();
  }

  #flush(): void {
    while (this.#output !== undefined && !this.paused) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#output(...next);
    }
    if (this.#hasEnded && this.#waiting.length === 0) for (const callback of this.#ends.splice(0)) callback();
  }
}
