import { GantryError } from '#base/error.ts';
import { substitute, type Lookup } from '../interpolate/template.ts';

export interface DotenvOptions {
  /** Asked before what the file itself has set so far. */
  readonly lookup: Lookup;
  /** The file, for messages. */
  readonly name: string;
  readonly onUnset?: (name: string) => void;
}

const SPACE = /[\t\v\f\r \u0085\u00a0]/;
const NAME_CHARACTER = /[\p{L}\p{N}_.\-[\]]/u;

/** Variables of an env file, in order, added to `into`. Throws `invalid` with the file and the line. */
export function parseDotenv(text: string, into: Map<string, string>, options: DotenvOptions): void {
  new Parser(text.startsWith('\ufeff') ? text.slice(1) : text, into, options).run();
}

class Parser {
  readonly #text: string;
  readonly #into: Map<string, string>;
  readonly #options: DotenvOptions;
  #at = 0;

  constructor(text: string, into: Map<string, string>, options: DotenvOptions) {
    this.#text = text;
    this.#into = into;
    this.#options = options;
  }

  run(): void {
    while (this.#toStatement()) {
      const { name, inherited } = this.#name();
      if (name.includes(' ')) throw this.#fault('key cannot contain a space');
      if (!inherited) {
        this.#into.set(name, this.#value());
        continue;
      }
      const value = this.#options.lookup(name);
      if (value !== undefined) this.#into.set(name, value);
    }
  }

  /** Past blank space and comments; false at the end of the text. */
  #toStatement(): boolean {
    for (;;) {
      while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at] as string)) this.#at++;
      if (this.#at >= this.#text.length) return false;
      if (this.#text[this.#at] !== '#') return true;
      const end = this.#text.indexOf('\n', this.#at);
      this.#at = end === -1 ? this.#text.length : end;
    }
  }

  /** A name alone on its line takes its value from the environment. */
  #name(): { readonly name: string; readonly inherited: boolean } {
    const exported = /^export[^\S\n]+/.exec(this.#text.slice(this.#at));
    if (exported !== null) this.#at += exported[0].length;
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
      if (character === '=' || character === ':' || character === '\n') {
        const name = this.#text.slice(start, this.#at).trimEnd();
        this.#at++;
        this.#skipSpace();
        return { name, inherited: character === '\n' };
      }
      if (SPACE.test(character)) continue;
      if (!NAME_CHARACTER.test(character)) {
        throw this.#fault(`unexpected character ${JSON.stringify(character)} in variable name ${JSON.stringify(this.#text.slice(start).split('\n')[0])}`);
      }
      this.#at += character.length - 1;
    }
    // A last line without a line end, a sign and a value names nothing that could be looked up.
    return { name: this.#text.slice(start).trimEnd(), inherited: true };
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && SPACE.test(this.#text[this.#at] as string)) this.#at++;
  }

  #value(): string {
    const quote = this.#text[this.#at];
    if (quote === '"' || quote === "'") return this.#quoted(quote);
    const end = this.#text.indexOf('\n', this.#at);
    const line = this.#text.slice(this.#at, end === -1 ? undefined : end);
    this.#at = end === -1 ? this.#text.length : end + 1;
    const comment = line.indexOf(' #');
    return this.#expand((comment === -1 ? line : line.slice(0, comment)).trimEnd());
  }

  #quoted(quote: string): string {
    const start = this.#at;
    let value = '';
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text[at] as string;
      if (character === quote) {
        this.#at = at + 1;
        return quote === '"' ? this.#expand(expandEscapes(value)) : value;
      }
      if (character !== '\\' || at + 1 >= this.#text.length) {
        value += character;
        continue;
      }
      const next = this.#text[++at] as string;
      value += next === quote ? next : `\\${next}`;
    }
    throw this.#fault(`unterminated quoted value ${this.#text.slice(start).split('\n')[0]}`);
  }

  #expand(value: string): string {
    const { lookup, onUnset } = this.#options;
    return substitute(value, { lookup: (name) => lookup(name) ?? this.#into.get(name), ...(onUnset === undefined ? {} : { onUnset }) });
  }

  #fault(what: string): GantryError {
    const line = this.#text.slice(0, this.#at).split('\n').length;
    return new GantryError('invalid', `failed to read ${this.#options.name}: line ${line}: ${what}`, { subject: this.#options.name, hint: 'lines are NAME=value; quote a value that has spaces, # or line ends' });
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'], ['b', '\b'], ['f', '\f'], ['n', '\n'], ['r', '\r'], ['t', '\t'], ['v', '\v'], ['\\', '\\'], ['"', '"'],
  // What follows is read for variables, where a dollar sign is written twice.
  ['$', '$$'],
]);

/** `\n`, `\t`, `\$` and octal `\0dd`, in double quotes. What is no escape stays as it is. */
function expandEscapes(text: string): string {
  return text.replace(/\\(?:([abcfnrtv$"\\])|0(\d{0,3}))/g, (match, character: string | undefined, octal: string | undefined) => {
    if (character !== undefined) return ESCAPES.get(character) ?? match;
    return octal !== undefined && /^[0-3][0-7]{2}$/.test(octal) ? String.fromCharCode(Number.parseInt(octal, 8)) : match;
  });
}
