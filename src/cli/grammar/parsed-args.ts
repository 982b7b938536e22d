import { GantryError } from '#base/error.ts';
import type { FlagSpec } from './flag.ts';

/** The flags and operands of one call. Asking for a flag that the table does not have is a fault of the program. */
export class ParsedArgs {
  readonly operands: readonly string[];
  readonly #specs: ReadonlyMap<string, FlagSpec>;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    operands: readonly string[],
    specs: ReadonlyMap<string, FlagSpec>,
    values: ReadonlyMap<string, readonly string[]>,
  ) {
    this.operands = operands;
    this.#specs = specs;
    this.#values = values;
  }

  /** True when the caller gave the flag, whatever its value. */
  changed(name: string): boolean {
    this.#spec(name);
    return this.#values.has(name);
  }

  string(name: string): string {
    return this.#values.get(name)?.at(-1) ?? this.#spec(name).fallback ?? '';
  }

  bool(name: string): boolean {
    return this.string(name) === 'true';
  }

  int(name: string): number {
    return Number(this.string(name));
  }

  list(name: string): readonly string[] {
    this.#spec(name);
    return this.#values.get(name) ?? [];
  }

  operand(index: number): string {
    const operand = this.operands[index];
    if (operand === undefined) throw new GantryError('internal', `operand ${index} is missing: the arity does not ask for it`);
    return operand;
  }

  #spec(name: string): FlagSpec {
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new GantryError('internal', `flag --${name} is not in the command's table`);
    return spec;
  }
}
