import { GantryError, messageOf } from '#base/error.ts';
import type { FlagSpec } from './flag.ts';

const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** The values to store for what the caller wrote. Throws docker's sentence for a bad one. */
export function flagValues(spec: FlagSpec, raw: string): readonly string[] {
  try {
    const parts = spec.kind === 'strings' ? raw.split(',') : [raw];
    return parts.map((part) => {
      const value = normalise(spec, part);
      return spec.check?.(value) ?? value;
    });
  } catch (error) {
    throw new GantryError('invalid', `invalid argument ${JSON.stringify(raw)} for ${JSON.stringify(flagLabel(spec))} flag: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** `-m, --memory`, as messages and help name a flag. */
export function flagLabel(spec: FlagSpec): string {
  return spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`;
}

/** A bool as Go reads it: `1`, `t`, `T`, `true`, `True`, `TRUE` and their opposites. Undefined for anything else. */
export function parseBool(text: string): boolean | undefined {
  if (TRUE_WORDS.has(text)) return true;
  return FALSE_WORDS.has(text) ? false : undefined;
}

function normalise(spec: FlagSpec, part: string): string {
  if (spec.kind === 'bool') {
    const value = parseBool(part);
    if (value === undefined) throw syntaxError('ParseBool', part);
    return String(value);
  }
  if (spec.kind === 'int') {
    const value = /^[+-]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[0-9]+)$/.test(part) ? parseInteger(part) : undefined;
    if (value === undefined) throw syntaxError('ParseInt', part);
    return String(value);
  }
  return part;
}

function parseInteger(text: string): bigint {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '').replace(/^0(?=[0-7])/, '0o');
  const value = BigInt(digits);
  return negative ? -value : value;
}

function syntaxError(parser: string, text: string): GantryError {
  return new GantryError('invalid', `strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`);
}
