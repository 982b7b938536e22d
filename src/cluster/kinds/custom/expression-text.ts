import type { Environment } from '@marcbachmann/cel-js';
import { GantryError } from '#base/error.ts';
import { withNamespace } from './expression-namespace.ts';

const STRINGS = 'kubernetes.Strings';
/** What a text may become. */
const LONGEST = 1_000_000;

/** Functions of texts that the library lacks (kubernetes.io, "Common Expression Language in Kubernetes"; cel-go, ext/strings). */
export function withTexts(environment: Environment): Environment {
  return withNamespace(environment, 'strings', STRINGS)
    .registerFunction(`${STRINGS}.quote(string): string`, (_strings: unknown, text: string) => JSON.stringify(text))
    .registerFunction('string.format(list<dyn>): string', formatted)
    .registerFunction('string.charAt(int): string', charAt)
    .registerFunction('string.replace(string, string): string', (text: string, old: string, by: string) => replaced(text, old, by, -1n))
    .registerFunction('string.replace(string, string, int): string', replaced)
    .registerFunction('string.reverse(): string', (text: string) => [...text].toReversed().join(''));
}

function charAt(text: string, at: bigint): string {
  const letters = [...text];
  if (at < 0n || at > BigInt(letters.length)) throw new GantryError('invalid', `index out of range: ${at}`);
  return letters[Number(at)] ?? '';
}

function replaced(text: string, old: string, by: string, most: bigint): string {
  const parts = text.split(old);
  const times = most < 0n ? parts.length - 1 : Math.min(Number(most), parts.length - 1);
  if (text.length + times * by.length > LONGEST) throw new GantryError('invalid', `a text of more than ${LONGEST} characters`);
  return [parts.slice(0, times + 1).join(by), ...parts.slice(times + 1)].join(old);
}

/** `%s`, `%d`, `%.2f`, `%e`, `%x`, `%X`, `%o`, `%b`, `%%`. */
function formatted(text: string, values: readonly unknown[]): string {
  let at = 0;
  const told = text.replace(/%(?:\.(\d{1,3}))?(.)/gs, (whole, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (at >= values.length) throw new GantryError('invalid', `index ${at} out of range: the format has more verbs than there are values`);
    const value = values[at];
    at += 1;
    return shown(verb, value, digits === undefined ? 6 : Number(digits), whole);
  });
  if (told.length > LONGEST) throw new GantryError('invalid', `a text of more than ${LONGEST} characters`);
  return told;
}

function shown(verb: string, value: unknown, digits: number, whole: string): string {
  const isNumber = typeof value === 'bigint' || typeof value === 'number';
  const based = (base: number): string | undefined => (typeof value === 'bigint' ? value.toString(base) : undefined);
  const text = verb === 's' ? plain(value) : verb === 'd' ? based(10) : verb === 'f' && isNumber ? Number(value).toFixed(digits) : verb === 'e' && isNumber ? Number(value).toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2')
    : verb === 'b' ? (typeof value === 'boolean' ? (value ? '1' : '0') : based(2)) : verb === 'o' ? based(8) : verb === 'x' || verb === 'X' ? hex(value) : undefined;
  if (text === undefined) throw new GantryError('invalid', `error during formatting: ${whole} can't show a ${value === null ? 'null' : typeof value}`);
  return verb === 'X' ? text.toUpperCase() : text;
}

function hex(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString(16);
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value instanceof Uint8Array ? value : undefined;
  return bytes?.toHex();
}

function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z');
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  if (typeof value === 'object') return `{${Object.entries(value).map(([key, each]) => `${key}: ${plain(each)}`).sort().join(', ')}}`;
  return String(value as bigint | number | boolean);
}
