import { GantryError } from '#base/error.ts';

/**
 * The words of a command in shell syntax: quotes and backslashes, nothing else. Where docker compose's own splitter
 * would stop reading (`;`, `&`, `|`, `<`, `>` outside of quotes) so does this one. Throws `invalid`.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const character = line[index] as string;
    if (character === '\\' && quote !== "'" && index + 1 < line.length) word = (word ?? '') + line[++index];
    else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[;&|<>]/.test(character)) break;
    else word = (word ?? '') + character;
  }
  if (quote !== '') throw new GantryError('invalid', `invalid command line string: ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}
