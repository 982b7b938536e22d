import { invalid } from '../status-error.ts';

const SPECIAL: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 };

export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** The bytes of `ctrl-p,ctrl-q` or `a,ctrl-@`. Throws `invalid` for a key that has none. */
export function parseDetachKeys(text: string): Uint8Array {
  return Uint8Array.from(text.split(',').map((key) => {
    const [, control] = /^ctrl-(.)$/i.exec(key) ?? [];
    const letter = control?.toLowerCase();
    if (letter !== undefined && letter >= 'a' && letter <= 'z') return letter.charCodeAt(0) - 0x60;
    const special = control === undefined ? undefined : SPECIAL[control];
    if (special !== undefined) return special;
    if (key.length === 1) return key.charCodeAt(0);
    throw invalid(`Unknown character: '${key}'`);
  }));
}

/** Watches typed bytes for the sequence, and holds back its beginning until the next key decides. */
export class DetachFilter {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  /** The bytes to send. `detached` when the sequence is complete: nothing after it is sent. */
  push(bytes: Uint8Array): { readonly send: Uint8Array; readonly detached: boolean } {
    const send: number[] = [];
    for (const byte of bytes) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1;
        if (this.#matched === this.#keys.length) return { send: Uint8Array.from(send), detached: true };
        continue;
      }
      send.push(...this.#keys.subarray(0, this.#matched));
      this.#matched = byte === this.#keys[0] ? 1 : 0;
      if (this.#matched === 0) send.push(byte);
    }
    return { send: Uint8Array.from(send), detached: false };
  }
}
