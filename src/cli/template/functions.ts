import { invalid } from '../status-error.ts';
import { sprintf } from './printf.ts';
import { isView, jsonValue, printValue } from './value.ts';

export type TemplateFunction = (...args: readonly unknown[]) => unknown;
export type TemplateFunctions = Readonly<Record<string, TemplateFunction>>;

/** Go's own functions (but for the escapers of web pages) and docker's: json, join, split, lower, upper, title, pad, truncate. */
export const templateFunctions: TemplateFunctions = {
  print: (...args) => printSpaced(args),
  println: (...args) => `${args.map(printValue).join(' ')}\n`,
  printf: (format, ...args) => sprintf(text(format), args),
  html: (...args) => escapeHtml(printSpaced(args)),
  js: (...args) => JSON.stringify(printSpaced(args)).slice(1, -1),
  urlquery: (...args) => encodeURIComponent(printSpaced(args)).replaceAll('%20', '+'),
  len: lengthOf,
  index: (value, ...keys) => keys.reduce(indexInto, value),
  slice: (value, from, to) => (value as string | readonly unknown[]).slice(Number(from ?? 0), to === undefined ? undefined : Number(to)),
  eq: (first, ...others) => {
    if (others.length === 0) throw invalid('missing argument for comparison');
    return others.some((other) => isEqual(first, other));
  },
  ne: (first, second) => !isEqual(first, second),
  lt: (first, second) => compare(first, second) < 0,
  le: (first, second) => compare(first, second) <= 0,
  gt: (first, second) => compare(first, second) > 0,
  ge: (first, second) => compare(first, second) >= 0,
  call: (target, ...args) => (target as TemplateFunction)(...args),
  json: (value) => jsonValue(value ?? null),
  join: (items, separator) => (items as readonly unknown[]).map(printValue).join(text(separator)),
  split: (value, separator) => text(value).split(text(separator)),
  lower: (value) => text(value).toLowerCase(),
  upper: (value) => text(value).toUpperCase(),
  title: (value) => text(value).replaceAll(/(^|[^\p{L}\p{Nd}_'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  pad: (value, before, after) => (value === '' ? '' : ' '.repeat(Number(before)) + text(value) + ' '.repeat(Number(after))),
  truncate: (value, length) => text(value).slice(0, Number(length)),
};

/** The evaluator treats these itself: they stop at the first argument that decides. */
export const shortCircuits: ReadonlySet<string> = new Set(['and', 'or', 'not']);

function text(value: unknown): string {
  if (typeof value !== 'string') throw invalid(`wrong type for value; expected string; got ${goType(value)}`);
  return value;
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null && !isView(value)) return Object.keys(value).length;
  throw invalid(value === null || value === undefined ? 'len of nil pointer' : `len of type ${goType(value)}`);
}

function indexInto(value: unknown, key: unknown): unknown {
  if (value === null || value === undefined) throw invalid('index of untyped nil');
  if (Array.isArray(value) || typeof value === 'string') {
    if (typeof key !== 'number') throw invalid(`cannot index slice/array with type ${goType(key)}`);
    if (key < 0 || key >= value.length) throw invalid(`index out of range: ${key}`);
    return typeof value === 'string' ? value.charCodeAt(key) : value[key];
  }
  if (typeof value !== 'object') throw invalid(`can't index item of type ${goType(value)}`);
  return Object.hasOwn(value, String(key)) ? (value as Readonly<Record<string, unknown>>)[String(key)] : undefined;
}

function isEqual(first: unknown, second: unknown): boolean {
  const nothing = (value: unknown): boolean => value === null || value === undefined;
  if (nothing(first) || nothing(second)) return nothing(first) && nothing(second);
  if (typeof first !== typeof second) throw invalid('incompatible types for comparison');
  if (typeof first === 'object') throw invalid(`non-comparable type ${goType(first)}`);
  return first === second;
}

function compare(first: unknown, second: unknown): number {
  if (typeof first !== typeof second) throw invalid('incompatible types for comparison');
  if (typeof first === 'number' && typeof second === 'number') return first - second;
  if (typeof first === 'string' && typeof second === 'string') return first < second ? -1 : first > second ? 1 : 0;
  throw invalid('invalid type for comparison');
}

function goType(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return '[]interface {}';
  return { string: 'string', number: 'int', boolean: 'bool' }[typeof value as string] ?? 'map[string]interface {}';
}

/** Go's Sprint: a blank between two values when neither is a string. */
function printSpaced(args: readonly unknown[]): string {
  return args.reduce<string>((sum, value, index) => {
    const blank = index > 0 && typeof value !== 'string' && typeof args[index - 1] !== 'string' ? ' ' : '';
    return sum + blank + printValue(value);
  }, '');
}

function escapeHtml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;').replaceAll("'", '&#39;');
}

