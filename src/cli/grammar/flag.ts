/**
 * How a flag takes its value. `bool` needs none; `list` may be repeated, every other kind keeps the last value.
 * `strings` is a list whose values are also split at commas.
 */
export type FlagKind = 'bool' | 'string' | 'int' | 'list' | 'strings';

export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  readonly help: string;
  /** The word for the value in the help: `bytes`, `duration`, `filter`. The kind's own word when left out. */
  readonly value?: string;
  /** The value when the flag is absent. A bool is `true` or `false`. */
  readonly fallback?: string;
  /** The default as the help prints it, where that differs from `fallback`. */
  readonly shownDefault?: string;
  readonly hidden?: boolean;
  /** Another spelling writes to the flag of this name: `--net` to `network`. */
  readonly aliasOf?: string;
  /** A line printed to stderr when the flag is used: what to use instead. */
  readonly deprecated?: string;
  /** Refuses a bad value by throwing, or answers with the value to store. */
  readonly check?: (value: string) => string | void;
  /** What the shell may complete the value with. */
  readonly completes?: 'file' | readonly string[];
}

export function boolFlag(name: string, short: string, help: string, fallback = false): FlagSpec {
  return { name, kind: 'bool', help, fallback: String(fallback), ...(short === '' ? {} : { short }) };
}

export function stringFlag(name: string, short: string, help: string, more: Partial<FlagSpec> = {}): FlagSpec {
  return { name, kind: 'string', help, ...(short === '' ? {} : { short }), ...more };
}

export function intFlag(name: string, short: string, help: string, more: Partial<FlagSpec> = {}): FlagSpec {
  return { name, kind: 'int', help, fallback: '0', ...(short === '' ? {} : { short }), ...more };
}

export function listFlag(name: string, short: string, help: string, more: Partial<FlagSpec> = {}): FlagSpec {
  return { name, kind: 'list', help, ...(short === '' ? {} : { short }), ...more };
}
