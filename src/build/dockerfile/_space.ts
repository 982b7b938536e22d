/** White space as Go's unicode.IsSpace has it: the Unicode property, so with U+0085 and without U+FEFF. */
const SPACE = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const ONE = new RegExp(`^[${SPACE}]$`);
const NONE = new RegExp(`[^${SPACE}]`);
/** What separates words on a line; a no-break space does not. */
const SEPARATOR = /[\t\v\f\r ]+/;

export function isSpace(character: string): boolean {
  return ONE.test(character);
}

export function trimStart(text: string): string {
  const first = text.search(NONE);
  return first < 0 ? '' : text.slice(first);
}

/** Walks from the end: a regular expression would look at each run of blanks inside again and again. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

export function trim(text: string): string {
  return trimEnd(trimStart(text));
}

export function splitWords(text: string): string[] {
  return text.split(SEPARATOR);
}

/** The first word, and what follows the blanks after it; undefined where nothing does. */
export function cutWord(text: string): readonly [word: string, rest: string | undefined] {
  const match = SEPARATOR.exec(text);
  return match === null ? [text, undefined] : [text.slice(0, match.index), text.slice(match.index + match[0].length)];
}
