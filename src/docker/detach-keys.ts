import { GantryError } from '#base/error.ts';

const ESCAPES = '@abcdefghijklmnopqrstuvwxyz[\\]^_';
/** ctrl-p, ctrl-q. */
export const DEFAULT_DETACH_KEYS = Uint8Array.of(16, 17);

/** `ctrl-p,ctrl-q`, `ctrl-a,d`, `DEL`: the bytes that the keys send. @param word how a refusal calls them: Docker has one word for attach and one for exec */
export function parseDetachKeys(keys: string, word: 'detach' | 'escape' = 'detach'): Uint8Array {
  const bytes: number[] = [];
  for (const key of keys.split(',')) {
    if (key.length === 1) bytes.push(key.charCodeAt(0) & 0xff);
    else if (key === 'DEL') bytes.push(127);
    else if (/^ctrl-.$/.test(key) && ESCAPES.includes(key.charAt(5))) bytes.push(ESCAPES.indexOf(key.charAt(5)));
    else throw new GantryError('invalid', `Invalid ${word} keys (${keys}) provided`, { hint: 'name keys as ctrl-p,ctrl-q' });
  }
  return Uint8Array.from(bytes);
}

export interface DetachScan {
  /** What goes on to the container. */
  readonly pass: Uint8Array;
  readonly detached: boolean;
}

/** Looks for the keys in what a person types, also across pieces: a beginning of them is held back until it is clear. */
export class DetachScanner {
  readonly #keys: Uint8Array;
  #matched = 0;

  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  scan(bytes: Uint8Array): DetachScan {
    const keys = this.#keys;
    if (keys.length === 0 || (this.#matched === 0 && !bytes.includes(keys[0] ?? -1))) return { pass: bytes, detached: false };
    const pass: number[] = [];
    for (const byte of bytes) {
      if (byte !== keys[this.#matched] && this.#matched > 0) {
        pass.push(...keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte === keys[this.#matched]) this.#matched += 1;
      else pass.push(byte);
      if (this.#matched === keys.length) return { pass: Uint8Array.from(pass), detached: true };
    }
    return { pass: Uint8Array.from(pass), detached: false };
  }

  /** The held back beginning, once no more input can come. */
  rest(): Uint8Array {
    const held = this.#keys.slice(0, this.#matched);
    this.#matched = 0;
    return held;
  }
}
