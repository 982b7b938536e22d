import type { Json } from '#base/json.ts';
import { isObject } from '../rules/_fields.ts';
import { fieldSchema, type CustomSchema } from './custom-schema.ts';

/** Words of the language that a field may be called: they are written with underscores. */
const RESERVED: ReadonlySet<string> = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'namespace', 'null', 'package', 'return', 'true', 'var', 'void', 'while',
]);
const ESCAPES: readonly (readonly [RegExp, string])[] = [[/__/g, '__underscores__'], [/\./g, '__dot__'], [/-/g, '__dash__'], [/\//g, '__slash__']];
const WORD = /^[A-Za-z_][\w.\-/]*$/;
const UNITS: Readonly<Record<string, bigint>> = { h: 3_600_000_000_000n, m: 60_000_000_000n, s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, µs: 1000n, ns: 1n };

/** A field's name in an expression; undefined where it can't be written in one. */
export function escapedName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  return WORD.test(name) ? ESCAPES.reduce((text, [what, escape]) => text.replace(what, escape), name) : undefined;
}

/** Makes the values of the language that JSON has no types for. */
export interface ValueMaker {
  duration(nanoseconds: bigint): unknown;
}

/** A value as expressions see it: whole numbers are bigints, times are dates, and names are escaped. */
export function expressionValue(value: Json, schema: CustomSchema | undefined, make: ValueMaker): unknown {
  if (typeof value === 'number') return schema?.type !== 'number' && Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string') return textValue(value, schema?.raw['format'], make);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => expressionValue(item, schema?.items, make));
  if (!isObject(value)) return value;
  const isMap = schema !== undefined && schema.properties.size === 0 && schema.additional !== undefined;
  const fields: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    const escaped = isMap || schema === undefined ? name : escapedName(name);
    if (escaped !== undefined && escaped !== '__proto__') fields[escaped] = expressionValue(each ?? null, schema === undefined ? undefined : fieldSchema(schema, name), make);
  }
  return fields;
}

function textValue(text: string, format: Json | undefined, make: ValueMaker): unknown {
  switch (format) {
    case 'date-time': case 'datetime': case 'date': return new Date(text);
    case 'byte': return Uint8Array.fromBase64(text);
    case 'duration': return make.duration(nanosecondsOf(text));
    default: return text;
  }
}

/** `1h30m`, `-1.5s`. */
export function nanosecondsOf(text: string): bigint {
  let sum = 0n;
  for (const [, whole = '0', fraction = '', unit = 's'] of text.matchAll(/(\d+)(?:\.(\d+))?(ns|us|µs|ms|s|m|h)/g)) {
    const scale = UNITS[unit] as bigint;
    sum += BigInt(whole) * scale + (fraction === '' ? 0n : (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length));
  }
  return text.startsWith('-') ? -sum : sum;
}
