import type { Lines } from './dockerfile-error.ts';

const MAX_LINES = 40;
const MAX_WIDTH = 200;
const RULE = '-'.repeat(20);

export interface Excerpt {
  /** Shown with the number of the first line: `Dockerfile`. */
  readonly file: string;
  readonly text: string;
  readonly lines: Lines;
  /** Where this text is found in the lines, a caret points at it. */
  readonly token?: string | undefined;
}

/**
 * The lines of a Dockerfile that a message is about, in the layout that buildx prints, and a caret where a word is at
 * fault. Ends without a line feed.
 */
export function renderExcerpt({ file, text, lines, token }: Excerpt): string {
  const all = text.split(/\r?\n/);
  const last = Math.min(lines.end, lines.start + MAX_LINES);
  const around = lines.end > lines.start ? 1 : 2;
  const shown: string[] = [`${file}:${lines.start}`, RULE];
  let pointed = token === undefined || token === '';
  for (let number = Math.max(1, lines.start - around); number <= Math.min(all.length, last + around); number++) {
    const line = (all[number - 1] ?? '').slice(0, MAX_WIDTH);
    const isMeant = number >= lines.start && number <= lines.end;
    shown.push(`${String(number).padStart(4)} | ${isMeant ? '>>>' : '   '} ${line}`.trimEnd());
    if (pointed || !isMeant) continue;
    const column = line.indexOf(token as string);
    if (column < 0) continue;
    shown.push(`${' '.repeat(4)} | ${' '.repeat(4 + column)}${'^'.repeat(Math.min((token as string).length, MAX_WIDTH))}`);
    pointed = true;
  }
  return [...shown, RULE].join('\n');
}
