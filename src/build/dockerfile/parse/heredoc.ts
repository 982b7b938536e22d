import { DockerfileError } from '../dockerfile-error.ts';
import { expand } from '../expand/lexer.ts';
import type { Heredoc } from './node.ts';

const START = /^(\d*)<<(-?)([\s\S]*)$/;
const NONE: ReadonlyMap<string, string> = new Map();
const QUOTES = /['"]/g;

/** A word like `<<EOF`, `3<<-"EOF"` or `<< EOF`, its content empty; undefined where the word is none. */
export function parseHeredoc(word: string): Heredoc | undefined {
  const match = START.exec(word);
  if (match === null) return undefined;
  const name = (match[3] as string).trimStart();
  if (name === '' || name.includes('<')) return undefined;
  const { words } = expand(name, NONE, '\\', { keepUnset: true });
  const raw = expand(name, NONE, '\\', { keepUnset: true, rawQuotes: true }).words;
  const [bare] = words;
  if (bare === undefined || words.length !== 1) return undefined;
  if (raw.length !== 1) throw new DockerfileError(`internal lexing of heredoc produced inconsistent results: ${name}`);
  const isQuoted = (bare.match(QUOTES)?.length ?? 0) !== (raw[0]?.match(QUOTES)?.length ?? 0);
  return { name: bare, descriptor: Number(match[1]), expands: !isQuoted, chomps: match[2] === '-', content: '' };
}

/** As `parseHeredoc`, where a word that can't be read counts as none. */
export function heredocOrNone(word: string): Heredoc | undefined {
  try {
    return parseHeredoc(word);
  } catch (error) {
    if (error instanceof DockerfileError) return undefined;
    throw error;
  }
}

/** Those that a line announces, in order. */
export function heredocsOf(line: string): Heredoc[] {
  return announcing(line).flatMap((word) => parseHeredoc(word) ?? []);
}

/** A line with open quotes is the shell's matter: it announces nothing. */
function announcing(line: string): readonly string[] {
  try {
    return expand(line, NONE, '\\', { rawQuotes: true, rawEscapes: true, keepUnset: true }).words;
  } catch (error) {
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}

/** What `<<-` means for the content. */
export function withoutLeadingTabs(content: string): string {
  return content.replace(/(^|\n)\t+/g, '$1');
}

export function contentOf({ content, chomps }: Pick<Heredoc, 'content' | 'chomps'>): string {
  return chomps ? withoutLeadingTabs(content) : content;
}
