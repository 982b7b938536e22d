import { GantryError } from '#base/error.ts';
import { flagValues } from './flag-value.ts';
import type { FlagSpec } from './flag.ts';
import { ParsedArgs } from './parsed-args.ts';

export interface ParseOptions {
  /** The first operand ends the flags. */
  readonly stopAtOperand?: boolean;
}

export type ParseResult =
  | { readonly kind: 'args'; readonly args: ParsedArgs; readonly warnings: readonly string[] }
  | { readonly kind: 'help' };

/**
 * Reads a command line by a table of flags, in the grammar of docker: `-it`, `-p8080:80`, `-p=80`, `--flag=value`,
 * `--flag value`, `--` ends the flags. Throws `invalid` with docker's sentence for a bad flag.
 */
export function parseArgs(argv: readonly string[], flags: readonly FlagSpec[], options: ParseOptions = {}): ParseResult {
  const parser = new Parser(argv, flags, options.stopAtOperand ?? false);
  return parser.run();
}

class Parser {
  readonly #rest: string[];
  readonly #byName = new Map<string, FlagSpec>();
  readonly #byShort = new Map<string, FlagSpec>();
  readonly #values = new Map<string, string[]>();
  readonly #operands: string[] = [];
  readonly #warnings: string[] = [];
  readonly #stopAtOperand: boolean;

  constructor(argv: readonly string[], flags: readonly FlagSpec[], stopAtOperand: boolean) {
    this.#rest = [...argv];
    this.#stopAtOperand = stopAtOperand;
    for (const flag of flags) {
      this.#byName.set(flag.name, flag);
      if (flag.short !== undefined) this.#byShort.set(flag.short, flag);
    }
  }

  run(): ParseResult {
    for (let word = this.#rest.shift(); word !== undefined; word = this.#rest.shift()) {
      if (word === '--') {
        this.#operands.push(...this.#rest.splice(0));
      } else if (word.startsWith('--')) {
        if (!this.#long(word)) return { kind: 'help' };
      } else if (word.startsWith('-') && word !== '-') {
        if (!this.#cluster(word)) return { kind: 'help' };
      } else {
        this.#operands.push(word);
        if (this.#stopAtOperand) this.#operands.push(...this.#rest.splice(0));
      }
    }
    return { kind: 'args', args: new ParsedArgs(this.#operands, this.#byName, this.#values), warnings: this.#warnings };
  }

  /** False when it asks for help. */
  #long(word: string): boolean {
    const equals = word.indexOf('=');
    const name = word.slice(2, equals === -1 ? undefined : equals);
    if (name === '' || name.startsWith('-')) throw bad(`bad flag syntax: ${word}`);
    const spec = this.#byName.get(name);
    if (spec === undefined) {
      if (name === 'help') return false;
      throw bad(`unknown flag: --${name}`);
    }
    if (equals !== -1) this.#store(spec, word.slice(equals + 1));
    else if (spec.kind === 'bool') this.#store(spec, 'true');
    else this.#store(spec, this.#next(`flag needs an argument: --${name}`));
    return true;
  }

  /** `-it`, `-p8080:80`, `-p=80`, `-p 80`. False when it asks for help. */
  #cluster(word: string): boolean {
    let shorts = word.slice(1);
    while (shorts !== '') {
      const short = shorts.charAt(0);
      const spec = this.#byShort.get(short);
      if (spec === undefined) {
        if (short === 'h') return false;
        throw bad(`unknown shorthand flag: '${short}' in -${shorts}`);
      }
      const rest = shorts.slice(1);
      if (rest.startsWith('=') && rest.length > 1) {
        this.#store(spec, rest.slice(1));
        return true;
      }
      if (spec.kind === 'bool') {
        this.#store(spec, 'true');
        shorts = rest;
        continue;
      }
      this.#store(spec, rest === '' ? this.#next(`flag needs an argument: '${short}' in -${shorts}`) : rest);
      return true;
    }
    return true;
  }

  #next(complaint: string): string {
    const word = this.#rest.shift();
    if (word === undefined) throw bad(complaint);
    return word;
  }

  #store(spec: FlagSpec, raw: string): void {
    const target = spec.aliasOf ?? spec.name;
    const repeats = spec.kind === 'list' || spec.kind === 'strings';
    const values = flagValues(spec, raw);
    this.#values.set(target, repeats ? [...(this.#values.get(target) ?? []), ...values] : [...values]);
    if (spec.deprecated !== undefined) this.#warnings.push(`Flag --${spec.name} has been deprecated, ${spec.deprecated}`);
  }
}

function bad(message: string): GantryError {
  return new GantryError('invalid', message);
}
