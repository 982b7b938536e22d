import type { Onward } from './port-forward.ts';

/** A pod's end of a connection, in hands of a test. */
export class FakeOnward implements Onward {
  readonly written: string[] = [];
  output: (stream: 1 | 2, bytes: Uint8Array) => void = () => {};
  end: () => void = () => {};
  isFull = false;
  drain: () => void = () => {};
  onOutput(callback: (stream: 1 | 2, bytes: Uint8Array) => void): void { this.output = callback; }
  onEnd(callback: () => void): void { this.end = callback; }
  write(bytes: Uint8Array): boolean {
    this.written.push(new TextDecoder().decode(bytes));
    return !this.isFull;
  }
  onDrain(callback: () => void): void { this.drain = callback; }
  endInput(): void { this.written.push('<end>'); }
  pause(): void {}
  resume(): void {}
  close(): void { this.written.push('<closed>'); }
}
