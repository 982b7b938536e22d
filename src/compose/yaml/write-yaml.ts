import { goFloat } from '../value/go-text.ts';
import { Float, isMapping, type Value } from '../value/value.ts';
import { resolvePlain } from './scalar.ts';

/** A value as block YAML with the quoting of docker compose, so that both print the same bytes. */
export function writeYaml(value: Value): string {
  const lines: string[] = [];
  if (isMapping(value) && value.size > 0) writeMapping(value, '', '', lines);
  else if (Array.isArray(value) && value.length > 0) writeList(value, '', '', lines);
  else lines.push(inline(value, ''));
  return `${lines.join('\n')}\n`;
}

/** `first` stands before the first line instead of the indent: the dash of a list's item. */
function writeMapping(mapping: ReadonlyMap<string, Value>, indent: string, first: string, lines: string[]): void {
  let lead = first === '' ? indent : first;
  for (const [key, value] of mapping) {
    writeEntry(`${lead}${keyText(key)}:`, value, indent, lines);
    lead = indent;
  }
}

function writeEntry(head: string, value: Value, indent: string, lines: string[]): void {
  const below = `${indent}  `;
  if (isMapping(value) && value.size > 0) {
    lines.push(head);
    writeMapping(value, below, '', lines);
  } else if (Array.isArray(value) && value.length > 0) {
    lines.push(head);
    writeList(value, below, '', lines);
  } else lines.push(`${head} ${inline(value, below)}`);
}

function writeList(list: readonly Value[], indent: string, first: string, lines: string[]): void {
  let lead = first === '' ? indent : first;
  for (const item of list) {
    if (isMapping(item) && item.size > 0) writeMapping(item, `${indent}  `, `${lead}- `, lines);
    else if (Array.isArray(item) && item.length > 0) writeList(item, `${indent}  `, `${lead}- `, lines);
    else lines.push(`${lead}- ${inline(item, `${indent}  `)}`);
    lead = indent;
  }
}

function inline(value: Value, below: string): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return '[]';
  if (isMapping(value)) return '{}';
  if (value instanceof Float) return floatText(value.value);
  return typeof value === 'string' ? stringText(value, below) : String(value);
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  return Number.isFinite(value) ? goFloat(value) : value > 0 ? '.inf' : '-.inf';
}

function keyText(key: string): string {
  return key.includes('\n') ? doubleQuoted(key) : stringText(key, '');
}

/** Texts that older readers of YAML take for booleans, or for numbers to the base of 60. */
const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function stringText(text: string, below: string): string {
  if (text.includes('\n')) return special(text) || / (?:\n|$)/.test(text) ? doubleQuoted(text) : literal(text, below);
  if (typeof resolvePlain(text) !== 'string' || OLD_BOOLEAN.test(text) || SEXAGESIMAL.test(text) || text === '<<') return doubleQuoted(text);
  if (special(text) || text.includes('\t')) return doubleQuoted(text);
  return plainAllowed(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** Characters that only a double-quoted scalar can hold. */
function special(text: string): boolean {
  return /[^\n\t\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\ufeff/u.test(text) || /[\u0085\u2028\u2029]/.test(text) ;
}

function plainAllowed(text: string): boolean {
  if (/^(?:---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](?:\s|$)/.test(text)) return false;
  return !/:(?:\s|$)/.test(text) && !/\s#/.test(text) && !/^\s|\s$/.test(text);
}

function literal(text: string, below: string): string {
  const end = text.endsWith('\n') ? (/\n\n$/.test(text) || text === '\n' ? '+' : '') : '-';
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const lines = (end === '-' ? text : text.slice(0, -1)).split('\n');
  return [`|${hint}${end}`, ...lines.map((line) => (line === '' ? '' : `${below}${line}`))].join('\n');
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\0', '\\0'], ['\x07', '\\a'], ['\b', '\\b'], ['\t', '\\t'], ['\n', '\\n'], ['\v', '\\v'], ['\f', '\\f'], ['\r', '\\r'], ['\x1b', '\\e'], ['"', '\\"'],
  ['\\', '\\\\'], ['\u0085', '\\N'], ['\u00a0', '\\_'], ['\u2028', '\\L'], ['\u2029', '\\P'],
]);

function doubleQuoted(text: string): string {
  const escaped = [...text].map((character) => {
    const short = SHORT.get(character);
    if (short !== undefined) return short;
    if (!special(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${hex(code, 2)}` : code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${escaped.join('')}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}
