import type { RE2JS } from '@bufbuild/re2';
import { GantryError } from '#base/error.ts';

// The library compiles patterns and says whether one matches, and not where. What it compiled is run here as RE2 does: all
// threads side by side, the preferred first, so that the time grows with the text and the pattern and not with their combinations.

type Program = RE2JS['re2Input']['prog'];
type Instruction = ReturnType<Program['getInst']>;

/** Instructions (Go's regexp/syntax, InstOp). */
const OP = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, match: 6, nop: 7 } as const;
const FIRST_RUNE_OP = 8;
/** What stands between two characters (Go's regexp/syntax, EmptyOp). */
const PLACE = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 } as const;
/** Steps of threads in one call: some tens of milliseconds. */
const MOST_STEPS = 1_000_000;

interface Thread {
  readonly at: number;
  readonly from: number;
}

interface Found {
  readonly from: number;
  readonly to: number;
}

/** What a pattern matches in a text, first to last and apart from each other. @throws GantryError invalid where that takes too long */
export function findAll(pattern: RE2JS, text: string, most: number): readonly string[] {
  const search = new Search(pattern.re2Input.prog, [...text]);
  const found: string[] = [];
  let [at, previousEnd] = [0, -1];
  while (found.length < most && at <= search.letters.length) {
    const match = search.from(at);
    if (match === undefined) break;
    const isEmpty = match.to === match.from;
    // Nothing is not found again right where something ended.
    if (!isEmpty || match.to !== previousEnd) found.push(search.letters.slice(match.from, match.to).join(''));
    previousEnd = match.to;
    at = isEmpty ? match.to + 1 : match.to;
  }
  return found;
}

class Search {
  readonly letters: readonly string[];
  readonly #program: Program;
  /** In which round a place of the program was reached last. */
  readonly #reached: Int32Array;
  #round = 0;
  #steps = 0;

  constructor(program: Program, letters: readonly string[]) {
    this.letters = letters;
    this.#program = program;
    this.#reached = new Int32Array(program.numInst());
  }

  /** The first match, and of those that begin there the one that the pattern prefers. */
  from(start: number): Found | undefined {
    let threads: Thread[] = [];
    let found: Found | undefined;
    this.#round += 1;
    for (let at = start; at <= this.letters.length; at += 1) {
      if (found === undefined) this.#add(threads, this.#program.start, at, at);
      if (threads.length === 0 && found !== undefined) break;
      const letter = this.letters[at];
      const next: Thread[] = [];
      this.#round += 1;
      for (const thread of threads) {
        const instruction = this.#program.getInst(thread.at);
        if (instruction.op === OP.match) {
          found = { from: thread.from, to: at };
          // Those after it are preferred less.
          break;
        }
        if (letter !== undefined && instruction.matchRune(letter.codePointAt(0) as number)) this.#add(next, instruction.out, thread.from, at + 1);
      }
      threads = next;
    }
    return found;
  }

  #add(threads: Thread[], first: number, from: number, at: number): void {
    const open = [first];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      this.#steps += 1;
      if (this.#steps > MOST_STEPS) throw new GantryError('invalid', 'the search for the pattern takes too long');
      if (this.#reached[place] === this.#round) continue;
      this.#reached[place] = this.#round;
      const instruction = this.#program.getInst(place);
      if (instruction.op >= FIRST_RUNE_OP || instruction.op === OP.match) threads.push({ at: place, from });
      else open.push(...this.#onward(instruction, at));
    }
  }

  /** The preferred one last, for it is taken first. */
  #onward({ op, out, arg }: Instruction, at: number): readonly number[] {
    if (op === OP.alt || op === OP.altMatch) return [arg, out];
    if (op === OP.capture || op === OP.nop) return [out];
    return op === OP.emptyWidth && (arg & ~placeBetween(this.letters[at - 1], this.letters[at])) === 0 ? [out] : [];
  }
}

function placeBetween(before: string | undefined, after: string | undefined): number {
  const begin = before === undefined ? PLACE.beginText | PLACE.beginLine : before === '\n' ? PLACE.beginLine : 0;
  const end = after === undefined ? PLACE.endText | PLACE.endLine : after === '\n' ? PLACE.endLine : 0;
  return begin | end | (isWord(before) === isWord(after) ? PLACE.noWordBoundary : PLACE.wordBoundary);
}

const isWord = (letter: string | undefined): boolean => letter !== undefined && /^\w$/.test(letter);
