import type { Json, JsonObject } from '#base/json.ts';
import type { Lines } from '../dockerfile-error.ts';

/** What a question about a Dockerfile is answered with: BuildKit's `result.json` and `result.txt`. */
export interface Report {
  readonly json: string;
  readonly text: string;
}

/** Go leaves out what is empty. */
export function withoutEmpty(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0)));
}

/** A range for each line, as BuildKit has it. */
export function locationOf({ start, end }: Lines): JsonObject {
  return { ranges: Array.from({ length: end - start + 1 }, (_, offset) => ({ start: { line: start + offset }, end: { line: start + offset } })) };
}

/** As Go's encoder writes it, with `<`, `>` and `&` escaped. */
export function printJson(value: Json): string {
  return JSON.stringify(value, undefined, 2).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648, section 4, of the text's UTF-8. */
export function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const parts: string[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second, third] = [bytes[index], bytes[index + 1], bytes[index + 2]];
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    parts.push(DIGITS[bits >> 18]! + DIGITS[(bits >> 12) & 63]! + (second === undefined ? '=' : DIGITS[(bits >> 6) & 63]!) + (third === undefined ? '=' : DIGITS[bits & 63]!));
  }
  return parts.join('');
}

/** Columns as wide as their widest cell; the last is not filled up. */
export function printTable(rows: readonly (readonly string[])[], gap: number): string {
  const width = (column: number): number => Math.max(...rows.map((row) => [...row[column] ?? ''].length)) + gap;
  const widths = (rows[0] ?? []).map((_, column) => width(column));
  const pad = (cell: string, column: number): string => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length);
  return rows.map((row) => `${row.map((cell, column) => (column === row.length - 1 ? cell : pad(cell, column))).join('')}\n`).join('');
}
