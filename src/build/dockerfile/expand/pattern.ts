import { DockerfileError } from '../dockerfile-error.ts';

type Token = { readonly kind: 'star' | 'any' } | { readonly kind: 'character'; readonly character: string };

/** Steps that a match may take; more is refused before it starts. */
const MAX_WORK = 50_000_000;

/**
 * A shell pattern of `*` and `?`, neither of which crosses a line feed (POSIX, Shell Command Language, 2.13, without
 * brackets). Matches in time proportional to pattern times text, whatever they are.
 */
export class ShellPattern {
  readonly #source: string;
  readonly #tokens: readonly Token[];

  private constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  /** @throws DockerfileError for an escape that means nothing */
  static parse(source: string): ShellPattern {
    const characters = [...source];
    const tokens: Token[] = [];
    for (let index = 0; index < characters.length; index++) {
      const character = characters[index] as string;
      if (character === '*') tokens.push({ kind: 'star' });
      else if (character === '?') tokens.push({ kind: 'any' });
      else if (character !== '\\') tokens.push({ kind: 'character', character });
      // `}` and `/` are escaped for the substitution around the pattern, not for the pattern.
      else if (characters[index + 1] !== '}' && characters[index + 1] !== '/') {
        const escaped = characters[++index] ?? '\ufffd';
        if (!'*?\\'.includes(escaped)) throw new DockerfileError(`invalid pattern (${source}) in substitution: invalid escape '\\${escaped}'`);
        tokens.push({ kind: 'character', character: escaped });
      }
    }
    return new ShellPattern(source, tokens);
  }

  /** `${x#p}` and, greedy, `${x##p}`. */
  withoutPrefix(text: string, greedy: boolean): string {
    const characters = [...text];
    const end = this.#end(this.#tokens, characters, 0, greedy);
    return end < 0 ? text : characters.slice(end).join('');
  }

  /** `${x%p}` and, greedy, `${x%%p}`: the prefix of what both are from behind. */
  withoutSuffix(text: string, greedy: boolean): string {
    const characters = [...text].reverse();
    const end = this.#end(this.#tokens.toReversed(), characters, 0, greedy);
    return end < 0 ? text : characters.slice(end).reverse().join('');
  }

  /** `${x/p/r}` and, all, `${x//p/r}`: the longest match at the leftmost place. An empty one does not follow another. */
  replace(text: string, replacement: string, all: boolean): string {
    const characters = [...text];
    const starts = this.#starts(characters);
    const parts: string[] = [];
    let copied = 0;
    let lastEnd = -1;
    for (let from = starts.indexOf(1); from >= 0;) {
      const end = this.#end(this.#tokens, characters, from, true);
      if (end > lastEnd || from === 0) {
        parts.push(characters.slice(copied, from).join(''), replacement);
        copied = lastEnd = end;
      }
      if (!all) break;
      from = starts.indexOf(1, Math.max(end, from + 1));
    }
    return parts.join('') + characters.slice(copied).join('');
  }

  /** 1 at each place where a match begins. */
  #starts(text: readonly string[]): Uint8Array {
    this.#bound(text);
    const tokens = this.#tokens;
    const found = new Uint8Array(text.length + 1);
    let after = new Uint8Array(tokens.length + 1);
    for (let place = text.length; place >= 0; place--) {
      const here = new Uint8Array(tokens.length + 1);
      here[tokens.length] = 1;
      for (let index = tokens.length - 1; index >= 0; index--) {
        const token = tokens[index] as Token;
        const takes = place < text.length && accepts(token, text[place] as string);
        here[index] = token.kind === 'star' ? (here[index + 1] as number) | (takes ? after[index] as number : 0) : takes ? after[index + 1] as number : 0;
      }
      found[place] = here[0] as number;
      after = here;
    }
    return found;
  }

  /** Where the longest or shortest match from `start` ends, or -1. */
  #end(tokens: readonly Token[], text: readonly string[], start: number, greedy: boolean): number {
    this.#bound(text);
    let active = [...closure(tokens, 0)];
    let end = -1;
    for (let place = start; ; place++) {
      if (active.includes(tokens.length)) {
        end = place;
        if (!greedy) return end;
      }
      if (place === text.length || active.length === 0) return end;
      const next = new Set<number>();
      for (const index of active) {
        const token = tokens[index];
        if (token === undefined || !accepts(token, text[place] as string)) continue;
        for (const state of closure(tokens, token.kind === 'star' ? index : index + 1)) next.add(state);
      }
      active = [...next];
    }
  }

  #bound(text: readonly string[]): void {
    if (this.#tokens.length * text.length > MAX_WORK) throw new DockerfileError(`the pattern (${this.#source.slice(0, 32)}...) in substitution is too long`);
  }
}

/** The token at `index`, and those that a star, which may stand for nothing, lets follow. */
function* closure(tokens: readonly Token[], index: number): Generator<number> {
  yield index;
  while (tokens[index]?.kind === 'star') yield ++index;
}

function accepts(token: Token, character: string): boolean {
  return token.kind === 'character' ? token.character === character : character !== '\n';
}
