import type { Transport } from './spdy/connection.ts';
import { FrameReader } from './spdy/frames.ts';

// The client's side of a connection, for tests: header blocks are not packed.

export const word = (value: number): number[] => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
export const text = (value: string): number[] => [...word(value.length), ...new TextEncoder().encode(value)];
export const block = (headers: Readonly<Record<string, string>>): Uint8Array => Uint8Array.from([...word(Object.keys(headers).length), ...Object.entries(headers).flatMap(([name, value]) => [...text(name), ...text(value)])]);
export const control = (type: number, body: readonly number[]): number[] => [0x80, 3, 0, type, 0, ...word(body.length).slice(1), ...body];
export const open = (id: number, headers: Readonly<Record<string, string>>): number[] => control(1, [...word(id), 0, 0, 0, 0, 0, 0, ...block(headers)]);
export const data = (id: number, bytes: string, isEnd = false): number[] => [...word(id), isEnd ? 1 : 0, ...word(bytes.length).slice(1), ...new TextEncoder().encode(bytes)];
export const settle = async (): Promise<void> => { for (let turn = 0; turn < 50; turn += 1) await Promise.resolve(); };

/** Remembers what was sent, and told to it. */
export class FakeTransport implements Transport {
  readonly state: string[] = [];
  readonly #out: Uint8Array[] = [];
  readonly #reader = new FrameReader();

  send(bytes: Uint8Array): void { this.#out.push(bytes); }
  whenSent(callback: () => void): void { callback(); }
  pause(): void { this.state.push('pause'); }
  resume(): void { this.state.push('resume'); }
  close(): void { this.state.push('close'); }

  /** What was sent since it was asked last: `reply 1`, `3: text<end>`. */
  sent(): string[] {
    return this.#out.splice(0).flatMap((bytes) => (bytes[0] === 0x80 && bytes[3] === 2 ? [`reply ${bytes[11] ?? 0}`] : this.#reader.push(bytes).map((frame) => frame.kind === 'data' ? `${frame.stream}: ${new TextDecoder().decode(frame.bytes)}${frame.isEnd ? '<end>' : ''}` : frame.kind === 'ping' ? `ping ${frame.id}` : frame.kind)));
  }
}
