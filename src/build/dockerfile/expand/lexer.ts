import { DockerfileError } from '../dockerfile-error.ts';
import { quote } from '../_quote.ts';
import { Words } from './_words.ts';
import { substitute, type Substitution } from './_substitute.ts';

/** Names and values of variables. Absent and empty differ. */
export type Variables = ReadonlyMap<string, string>;

/** The character that takes the meaning from the one after it, and joins lines. */
export type Escape = '\\' | '`';

export interface LexerOptions {
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escapes stay in the result. */
  readonly rawEscapes?: boolean;
  /** Quotes mean nothing. */
  readonly skipQuotes?: boolean;
  /** A variable that is not set stays as it was written. */
  readonly keepUnset?: boolean;
}

export interface Expansion {
  readonly text: string;
  /** The text split at white space outside of quotes, after substitution. */
  readonly words: readonly string[];
  readonly matched: ReadonlySet<string>;
  /** Variables that were named and are not set. */
  readonly unmatched: ReadonlySet<string>;
}

/** Deeper nesting of `${a:-${b:-...}}` than any person writes. */
const MAX_DEPTH = 200;
const SPECIAL = '@*#?-$!0';
const LETTER = /^[\p{L}\p{Nd}_]$/u;
const DIGIT = /^\p{Nd}$/u;

/**
 * Substitutes variables and takes quotes away, in the manner of a shell: `$x`, `${x}`, `${x:-w}`, `${x:+w}`, `${x:?w}`,
 * the same without the colon, `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`, `${x/p/r}` and `${x//p/r}`.
 * @throws DockerfileError for what is no substitution, for an open quote, and for what `?` demands
 */
export function expand(source: string, variables: Variables, escape: Escape = '\\', options: LexerOptions = {}): Expansion {
  const lexer = new Lexer(source, variables, escape, options);
  try {
    const words = new Words();
    const text = lexer.readUntil(undefined, options.rawEscapes ?? false, words);
    return { text, words: words.finish(), matched: lexer.matched, unmatched: lexer.unmatched };
  } catch (error) {
    if (error instanceof DockerfileError) throw lexer.failed(error);
    throw error;
  }
}

/** The same, where only the text is wanted. */
export function expandText(source: string, variables: Variables, escape: Escape = '\\', options: LexerOptions = {}): string {
  return expand(source, variables, escape, options).text;
}

class Lexer {
  readonly matched = new Set<string>();
  readonly unmatched = new Set<string>();
  readonly #source: string;
  readonly #characters: readonly string[];
  readonly #variables: Variables;
  readonly #escape: Escape;
  readonly #options: LexerOptions;
  #position = 0;
  #depth = 0;
  #rawEscapes = false;

  constructor(source: string, variables: Variables, escape: Escape, options: LexerOptions) {
    this.#source = source;
    this.#characters = [...source];
    this.#variables = variables;
    this.#escape = escape;
    this.#options = options;
  }

  failed(error: DockerfileError): DockerfileError {
    const shown = this.#source.length > 1000 ? `${this.#source.slice(0, 1000)}...` : this.#source;
    return new DockerfileError(`failed to process ${quote(shown)}: ${error.message}`, { lines: error.lines, token: error.token });
  }

  /** Up to the stop character, which is taken too, or to the end where there is none. */
  readUntil(stop: string | undefined, rawEscapes: boolean, words?: Words): string {
    if (++this.#depth > MAX_DEPTH) throw new DockerfileError(`substitutions are nested deeper than ${MAX_DEPTH}`);
    const before = this.#rawEscapes;
    this.#rawEscapes = rawEscapes;
    let text = '';
    for (let character = this.#peek(); character !== undefined; character = this.#peek()) {
      if (character === stop) {
        this.#position++;
        this.#depth--;
        this.#rawEscapes = before;
        return text;
      }
      text += this.#readPart(character, words);
    }
    if (stop !== undefined) throw new DockerfileError(`unexpected end of statement while looking for matching ${stop}`);
    return text;
  }

  #readPart(character: string, words: Words | undefined): string {
    const quotes = !(this.#options.skipQuotes ?? false);
    if (character === '$') {
      const value = this.#readDollar();
      words?.add(value);
      return value;
    }
    const special = character === '<' ? this.#readAngles() : quotes && character === "'" ? this.#readSingleQuoted() : quotes && character === '"' ? this.#readDoubleQuoted() : undefined;
    if (special !== undefined) {
      words?.addRaw(special);
      return special;
    }
    this.#position++;
    if (character !== this.#escape) {
      words?.add(character);
      return character;
    }
    const kept = this.#rawEscapes ? character : '';
    const escaped = this.#next() ?? '';
    if (kept + escaped !== '') words?.addRaw(kept + escaped);
    return kept + escaped;
  }

  /** `<<` takes the blanks after it along, so that `<< EOF` is one word. */
  #readAngles(): string {
    this.#position++;
    if (this.#peek() !== '<') return '<';
    let text = '<<';
    this.#position++;
    for (let character = this.#peek(); character === ' ' || character === '\t' || character === '\r'; character = this.#peek()) {
      text += character;
      this.#position++;
    }
    return text;
  }

  #readSingleQuoted(): string {
    const end = this.#characters.indexOf("'", this.#position + 1);
    if (end < 0) throw new DockerfileError('unexpected end of statement while looking for matching single-quote');
    const raw = this.#options.rawQuotes ?? false;
    const text = this.#characters.slice(raw ? this.#position : this.#position + 1, raw ? end + 1 : end).join('');
    this.#position = end + 1;
    return text;
  }

  #readDoubleQuoted(): string {
    const quote = this.#options.rawQuotes ?? false ? '"' : '';
    let text = quote;
    this.#position++;
    for (;;) {
      const character = this.#peek();
      if (character === undefined) throw new DockerfileError('unexpected end of statement while looking for matching double-quote');
      if (character === '$') {
        text += this.#readDollar();
        continue;
      }
      this.#position++;
      if (character === '"') return text + quote;
      if (character !== this.#escape) {
        text += character;
        continue;
      }
      if (this.#rawEscapes) text += character;
      const escaped = this.#peek();
      if (escaped === undefined) continue;
      // Only these lose their meaning; before all else the escape is a character.
      if (escaped === '"' || escaped === '$' || escaped === this.#escape) {
        text += escaped;
        this.#position++;
      } else {
        text += character;
      }
    }
  }

  #readDollar(): string {
    this.#position++;
    if (this.#peek() === '{') return this.#readBraces();
    const name = this.#readName();
    if (name === '') return '$';
    const value = this.#lookUp(name);
    return value ?? ((this.#options.keepUnset ?? false) ? `$${name}` : '');
  }

  #readBraces(): string {
    this.#position++;
    const first = this.#peek();
    if (first === undefined) throw new DockerfileError("syntax error: missing '}'");
    if (first === '{' || first === '}' || first === ':') throw new DockerfileError('syntax error: bad substitution');
    const name = this.#readName();
    const operator = this.#readOperator();
    const operands = this.#readOperands(operator);
    const value = this.#lookUp(name);
    if (value === undefined && (this.#options.keepUnset ?? false)) {
      return operator === '}' ? `\${${name}}` : `\${${name}${operator === '//' ? '/' : operator}${operands.join('/')}}`;
    }
    return substitute({ name, operator, operands, value } as Substitution);
  }

  #readOperator(): string {
    let operator = this.#next() ?? '\ufffd';
    if (operator === ':') operator += this.#next() ?? '\ufffd';
    if (operator === '/' && this.#peek() === '/') operator += this.#next();
    return operator;
  }

  #readOperands(operator: string): readonly string[] {
    if (operator === '}') return [];
    if (operator === '/' || operator === '//') return [this.#readOperand('/', true, "syntax error: missing '/' in ${}"), this.#readOperand('}', true, "syntax error: missing '}'")];
    const isTrimming = operator === '#' || operator === '%';
    if (!isTrimming && !'+-?'.includes(operator) && (!operator.startsWith(':') || operator === ':#' || operator === ':%')) throw unsupported(operator);
    return [this.#readOperand('}', isTrimming, "syntax error: missing '}'")];
  }

  #readOperand(stop: string, rawEscapes: boolean, message: string): string {
    try {
      return this.readUntil(stop, rawEscapes);
    } catch (error) {
      if (error instanceof DockerfileError && this.#peek() === undefined) throw new DockerfileError(message);
      throw error;
    }
  }

  #readName(): string {
    const start = this.#position;
    const first = this.#peek();
    if (first === undefined) return '';
    if (DIGIT.test(first)) {
      while (DIGIT.test(this.#peek() ?? '')) this.#position++;
    } else if (SPECIAL.includes(first)) {
      this.#position++;
    } else {
      while (LETTER.test(this.#peek() ?? '')) this.#position++;
    }
    return this.#characters.slice(start, this.#position).join('');
  }

  #lookUp(name: string): string | undefined {
    const value = this.#variables.get(name);
    (value === undefined ? this.unmatched : this.matched).add(name);
    return value;
  }

  #peek(): string | undefined {
    return this.#characters[this.#position];
  }

  #next(): string | undefined {
    return this.#characters[this.#position++];
  }
}

function unsupported(operator: string): DockerfileError {
  return new DockerfileError(`unsupported modifier (${operator}) in substitution`);
}
