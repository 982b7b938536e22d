import { DockerfileError } from '../dockerfile-error.ts';

type Token =
  | { readonly kind: 'character'; readonly character: string }
  /** One character that is no slash. */
  | { readonly kind: 'any' }
  /** Any number of them. */
  | { readonly kind: 'star' }
  /** Any number of characters, slashes too. */
  | { readonly kind: 'all' }
  /** Nothing, or anything that ends with a slash. */
  | { readonly kind: 'folders' }
  | { readonly kind: 'class'; readonly isNegated: boolean; readonly ranges: readonly (readonly [low: string, high: string])[] };

/**
 * A pattern of Go's filepath.Match for whole paths: `*`, `?`, `[a-z]`, `[^a-z]` and `\x`. With `deep`, also `**`, as
 * `.dockerignore` has it. Matches in time proportional to pattern times path.
 */
export class Glob {
  readonly #tokens: readonly Token[];
  /** Characters that every match begins with. */
  readonly #start: string;

  private constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    const literal = tokens.findIndex(({ kind }) => kind !== 'character');
    this.#start = tokens.slice(0, literal < 0 ? tokens.length : literal).map((token) => (token.kind === 'character' ? token.character : '')).join('');
  }

  /** @throws DockerfileError in Go's words for a class that does not end, or an escape at the end */
  static parse(pattern: string, { deep = false } = {}): Glob {
    return new Glob(new Scanner([...pattern], deep).tokens());
  }

  /** Something in it is no plain character. */
  get hasWildcard(): boolean {
    return this.#tokens.some(({ kind }) => kind !== 'character');
  }

  matches(path: string): boolean {
    if (!path.startsWith(this.#start)) return false;
    const tokens = this.#tokens;
    let active = new Set<number>();
    enter(tokens, 0, active);
    for (const character of path) {
      const next = new Set<number>();
      for (const index of active) step(tokens, index, character, next);
      if (next.size === 0) return false;
      active = next;
    }
    return active.has(tokens.length);
  }
}

/** Adds a place, and those that stand behind what may match nothing. */
function enter(tokens: readonly Token[], index: number, places: Set<number>): void {
  for (let place = index; !places.has(place); place++) {
    places.add(place);
    const kind = tokens[place]?.kind;
    if (kind !== 'star' && kind !== 'all' && kind !== 'folders') return;
  }
}

function step(tokens: readonly Token[], index: number, character: string, next: Set<number>): void {
  if (index < 0) return stepInside(tokens, index, character, next);
  const token = tokens[index];
  switch (token?.kind) {
    case undefined: return;
    case 'star':
      if (character !== '/') enter(tokens, index, next);
      return;
    case 'all': return enter(tokens, index, next);
    case 'folders': return stepInside(tokens, -index - 1, character, next);
    case 'any':
      if (character !== '/') enter(tokens, index + 1, next);
      return;
    case 'class':
      if (token.ranges.some(([low, high]) => low <= character && character <= high) !== token.isNegated) enter(tokens, index + 1, next);
      return;
    case 'character':
      if (token.character === character) enter(tokens, index + 1, next);
  }
}

/** In the middle of folders, a place below zero: what stands behind them may match after a slash only. */
function stepInside(tokens: readonly Token[], inside: number, character: string, next: Set<number>): void {
  next.add(inside);
  if (character === '/') enter(tokens, -inside, next);
}

class Scanner {
  readonly #characters: readonly string[];
  readonly #deep: boolean;
  #position = 0;

  constructor(characters: readonly string[], deep: boolean) {
    this.#characters = characters;
    this.#deep = deep;
  }

  tokens(): Token[] {
    const tokens: Token[] = [];
    while (this.#position < this.#characters.length) tokens.push(this.#token());
    return tokens;
  }

  #token(): Token {
    const character = this.#next();
    switch (character) {
      case '?': return { kind: 'any' };
      case '[': return this.#class();
      case '\\': return { kind: 'character', character: this.#escaped() };
      case '*': return this.#deep && this.#peek() === '*' ? this.#deepStar() : { kind: 'star' };
      default: return { kind: 'character', character };
    }
  }

  #deepStar(): Token {
    this.#position++;
    if (this.#peek() === '/') this.#position++;
    return this.#peek() === undefined ? { kind: 'all' } : { kind: 'folders' };
  }

  #class(): Token {
    const isNegated = this.#peek() === '^';
    if (isNegated) this.#position++;
    const ranges: [low: string, high: string][] = [];
    while (ranges.length === 0 || this.#peek() !== ']') {
      const low = this.#member();
      let high = low;
      if (this.#peek() === '-') {
        this.#position++;
        high = this.#member();
      }
      ranges.push([low, high]);
    }
    this.#position++;
    return { kind: 'class', isNegated, ranges };
  }

  #member(): string {
    const character = this.#peek();
    if (character === undefined || character === '-' || character === ']') throw badPattern(this.#characters);
    this.#position++;
    const member = character === '\\' ? this.#escaped() : character;
    if (this.#peek() === undefined) throw badPattern(this.#characters);
    return member;
  }

  #escaped(): string {
    if (this.#peek() === undefined) throw badPattern(this.#characters);
    return this.#next();
  }

  #peek(): string | undefined {
    return this.#characters[this.#position];
  }

  #next(): string {
    return this.#characters[this.#position++] as string;
  }
}

function badPattern(characters: readonly string[]): DockerfileError {
  return new DockerfileError('syntax error in pattern', { token: characters.join('') });
}
