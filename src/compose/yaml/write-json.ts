import { Float, isMapping, type Value } from '../value/value.ts';

/** A value as Go's encoder writes JSON: keys in their order here, and HTML's special characters escaped. */
export function writeJson(value: Value): string {
  if (typeof value === 'string') return textOf(value);
  if (value instanceof Float) return floatOf(value.value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (isMapping(value)) return `{${[...value].map(([key, item]) => `${textOf(key)}:${writeJson(item)}`).join(',')}}`;
  return String(value);
}

/** The same over several lines, each level two spaces further in. */
export function writeIndentedJson(value: Value, indent = ''): string {
  const below = `${indent}  `;
  if (Array.isArray(value) && value.length > 0) return `[\n${value.map((item) => below + writeIndentedJson(item, below)).join(',\n')}\n${indent}]`;
  if (isMapping(value) && value.size > 0) {
    return `{\n${[...value].map(([key, item]) => `${below}${textOf(key)}: ${writeIndentedJson(item, below)}`).join(',\n')}\n${indent}}`;
  }
  return writeJson(value);
}

function textOf(text: string): string {
  return JSON.stringify(text.toWellFormed())
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function floatOf(value: number): string {
  const text = String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
