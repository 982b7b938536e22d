import { DockerfileError } from '../dockerfile-error.ts';
import type { Escape } from '../expand/lexer.ts';
import { quote } from '../_quote.ts';
import { cutWord, isSpace, splitWords, trimStart } from '../_space.ts';
import type { Pair } from './node.ts';

export interface Arguments {
  readonly args: readonly string[];
  readonly isJson: boolean;
}

/** Flags stand first, begin with two dashes and may be quoted; `--` alone ends them. */
export function cutFlags(text: string, escape: Escape): { readonly flags: readonly string[]; readonly rest: string } {
  const flags: string[] = [];
  let position = 0;
  for (;;) {
    while (position < text.length && isSpace(text[position] as string)) position++;
    if (!text.startsWith('--', position)) return { flags, rest: text.slice(position) };
    const { word, isQuoted, end } = readFlag(text, position, escape);
    position = end;
    if (word === '--') return { flags, rest: text.slice(position) };
    if (isQuoted || word !== '') flags.push(word);
  }
}

function readFlag(text: string, start: number, escape: Escape): { word: string; isQuoted: boolean; end: number } {
  let word = '';
  let quoteMark = '';
  let isQuoted = false;
  for (let position = start; position < text.length; position++) {
    const character = text[position] as string;
    if (quoteMark === '' && isSpace(character)) return { word, isQuoted, end: position };
    if (quoteMark === '' && (character === "'" || character === '"')) {
      quoteMark = character;
      isQuoted = true;
    } else if (character === quoteMark) {
      quoteMark = '';
    } else if (character === escape) {
      // At the end it escapes nothing, and goes.
      word += text[++position] ?? '';
    } else {
      word += character;
    }
  }
  return { word, isQuoted, end: text.length };
}

/** Words with their quotes and escapes, which are the expansion's matter. */
export function quotedWords(text: string, escape: Escape): string[] {
  const words: string[] = [];
  let word = '';
  let quoteMark = '';
  let isOpen = false;
  for (let position = 0; position < text.length; position++) {
    const character = text[position] as string;
    if (quoteMark === '' && isSpace(character)) {
      if (isOpen) words.push(word);
      word = '';
      isOpen = false;
      continue;
    }
    if (character === escape && quoteMark !== "'") {
      // At the end it escapes nothing, and goes.
      if (position + 1 === text.length) break;
      word += character + (text[++position] as string);
      isOpen = true;
      continue;
    }
    if (quoteMark === '' && (character === "'" || character === '"')) quoteMark = character;
    else if (character === quoteMark) quoteMark = '';
    word += character;
    isOpen = true;
  }
  if (isOpen && word !== '') words.push(word);
  return words;
}

/** `KEY value`, or `KEY=value KEY=value`: which of both, the first word tells. */
export function parsePairs(text: string, name: string, escape: Escape): Pair[] {
  const words = quotedWords(text, escape);
  const [first] = words;
  if (first === undefined) return [];
  if (!first.includes('=')) {
    const [key, value] = cutWord(text);
    if (value === undefined) throw new DockerfileError(`${name} must have two arguments`, { token: key });
    return [{ key, value, isLegacy: true }];
  }
  return words.map((word) => {
    const sign = word.indexOf('=');
    if (sign < 0) throw new DockerfileError(`Syntax error - can't find = in ${quote(word)}. Must be of the form: name=value`, { token: word });
    return { key: word.slice(0, sign), value: word.slice(sign + 1), isLegacy: false };
  });
}

export function parseWords(text: string): readonly string[] {
  return text === '' ? [] : splitWords(text);
}

/** A JSON array of strings, or else the text as one argument. */
export function jsonOrText(text: string): Arguments {
  if (text === '') return { args: [], isJson: false };
  const list = jsonStrings(text);
  return list === undefined ? { args: [text], isJson: false } : { args: list, isJson: true };
}

/** A JSON array of strings, or else words. */
export function jsonOrWords(text: string): Arguments {
  const list = jsonStrings(text);
  return list === undefined ? { args: parseWords(text), isJson: false } : { args: list, isJson: true };
}

/** The type of a HEALTHCHECK, and its command. */
export function parseHealthcheckArguments(text: string): Arguments {
  let end = 0;
  while (end < text.length && !isSpace(text[end] as string)) end++;
  if (end === 0) return { args: [], isJson: false };
  const { args, isJson } = jsonOrText(trimStart(text.slice(end)));
  return { args: [text.slice(0, end), ...args], isJson };
}

/** Undefined for what is no JSON array, which then is a text that begins with a bracket. */
function jsonStrings(text: string): readonly string[] | undefined {
  const trimmed = trimStart(text);
  if (!trimmed.startsWith('[')) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(trimmed);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  if (!list.every((item): item is string => typeof item === 'string')) {
    throw new DockerfileError('when using JSON array syntax, arrays must be comprised of strings only', { token: trimmed });
  }
  return list;
}
