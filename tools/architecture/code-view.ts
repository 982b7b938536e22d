import type { SourceFile } from './source-file.ts';

/**
 * The text with comments, strings, regular expressions and the text parts of templates blanked: every other
 * character, and every line end, stays where it was, so that an index or a line number fits the source too.
 */
export function codeView(file: SourceFile): string {
  const known = views.get(file);
  if (known !== undefined) return known;
  const view = blank(file.text);
  views.set(file, view);
  return view;
}

const views = new WeakMap<SourceFile, string>();

const REGEX_MAY_FOLLOW = /(?:^|[(,=:[!&|?{};+\-*%<>~^])$|\b(?:return|typeof|case|in|of|await|yield|void|delete|throw|else|do)$/;

export function blank(text: string): string {
  const out: string[] = [];
  let at = 0;
  /** Depth of `{` for each open `${`: at zero, a `}` goes back to the template's text. */
  const templates: number[] = [];

  const hide = (end: number): void => {
    for (; at < end && at < text.length; at++) out.push(text[at] === '\n' ? '\n' : ' ');
  };
  const keep = (): void => { out.push(text[at++] as string); };
  const templateText = (): void => {
    while (at < text.length) {
      if (text[at] === '\\') hide(at + 2);
      else if (text[at] === '`') return hide(at + 1);
      else if (text.startsWith('${', at)) { templates.push(0); return hide(at + 2); }
      else hide(at + 1);
    }
  };

  while (at < text.length) {
    const char = text[at] as string;
    const two = text.slice(at, at + 2);
    if (two === '//' || (two === '#!' && at === 0)) hide(orEnd(text, text.indexOf('\n', at)));
    else if (two === '/*') hide(orEnd(text, text.indexOf('*/', at + 2) + 2, 1));
    else if (char === '"' || char === "'") hide(endOfQuoted(text, at, char));
    else if (char === '`') { hide(at + 1); templateText(); }
    else if (char === '/' && REGEX_MAY_FOLLOW.test(lastToken(out))) hide(endOfRegex(text, at));
    else if (char === '{' && templates.length > 0) { templates[templates.length - 1]! += 1; keep(); }
    else if (char === '}' && templates.at(-1) === 0) { templates.pop(); hide(at + 1); templateText(); }
    else if (char === '}' && templates.length > 0) { templates[templates.length - 1]! -= 1; keep(); }
    else keep();
  }
  return out.join('');
}

/** `indexOf` answers -1, to which callers may have added; such an answer means "to the end of the text". */
function orEnd(text: string, index: number, missing = -1): number {
  return index === missing ? text.length : index;
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote || text[at] === '\n') return at + 1;
  }
  return text.length;
}

function endOfRegex(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '\n') return start + 1; // a division after all
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at + 1;
  }
  return start + 1;
}

function lastToken(out: readonly string[]): string {
  let end = out.length;
  while (end > 0 && /\s/.test(out[end - 1] as string)) end--;
  return out.slice(Math.max(0, end - 12), end).join('');
}

/** The line, from 1, of an index. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
