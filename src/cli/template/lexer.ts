import { templateError } from './error.ts';

export type Token =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'open' | 'close'; readonly line: number }
  | { readonly kind: 'field' | 'variable' | 'word' | 'string' | 'char' | 'number' | 'symbol'; readonly text: string; readonly line: number; readonly column: number; readonly spaced: boolean };

const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const RAW_STRING = /`[^`]*`/y;
const CHAR = /'(?:[^'\\\n]|\\.)+'/y;
const NUMBER = /[+-]?(?:0[xX][0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)/y;
const FIELD = /\.[\p{L}_][\p{L}\p{Nd}_]*/uy;
const VARIABLE = /\$[\p{L}\p{Nd}_]*/uy;
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const SYMBOL = /:=|[=|(),.]/y;

/** Text and the tokens of its actions. Trim markers and comments are resolved here. */
export function lex(source: string, name: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let trimNext = false;
  for (;;) {
    const open = source.indexOf('{{', at);
    const raw = source.slice(at, open === -1 ? undefined : open);
    const trimsLeft = open !== -1 && /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    const text = trim(raw, trimNext, trimsLeft);
    if (text !== '') tokens.push({ kind: 'text', text, line });
    line += lineCount(raw);
    if (open === -1) return tokens;
    const action = lexAction(source, { start: open + 2 + (trimsLeft ? 2 : 0), open, line, name });
    tokens.push(...action.tokens);
    line += lineCount(source.slice(open, action.end));
    at = action.end;
    trimNext = action.trimsRight;
  }
}

interface ActionStart {
  readonly start: number;
  readonly open: number;
  readonly line: number;
  readonly name: string;
}

function lexAction(source: string, { start, open, line, name }: ActionStart): { tokens: Token[]; end: number; trimsRight: boolean } {
  const comment = /[ \t\r\n]*\/\*[\s\S]*?\*\/[ \t\r\n]*(-)?\}\}/y;
  comment.lastIndex = start;
  const found = comment.exec(source);
  if (found !== null) return { tokens: [], end: comment.lastIndex, trimsRight: found[1] !== undefined };
  const tokens: Token[] = [{ kind: 'open', line }];
  let at = start;
  let spaced = false;
  for (;;) {
    const space = /[ \t\r\n]*/y;
    space.lastIndex = at;
    const blank = space.exec(source)?.[0] ?? '';
    at += blank.length;
    spaced ||= blank !== '';
    const trimsRight = blank !== '' && source.startsWith('-}}', at);
    if (trimsRight || source.startsWith('}}', at)) {
      tokens.push({ kind: 'close', line });
      return { tokens, end: at + (trimsRight ? 3 : 2), trimsRight };
    }
    if (at >= source.length) throw templateError(name, line, 'unclosed action');
    const [kind, text] = nextToken(source, at) ?? [];
    if (kind === undefined || text === undefined) throw templateError(name, line, complaint(source, at));
    tokens.push({ kind, text, line, column: at - open, spaced });
    at += text.length;
    spaced = false;
  }
}

type TokenKind = 'field' | 'variable' | 'word' | 'string' | 'char' | 'number' | 'symbol';

function nextToken(source: string, at: number): readonly [TokenKind, string] | undefined {
  const kinds: readonly (readonly [TokenKind, RegExp])[] = [
    ['field', FIELD], ['variable', VARIABLE], ['string', STRING], ['string', RAW_STRING], ['char', CHAR], ['number', NUMBER], ['word', WORD],
    ['symbol', SYMBOL],
  ];
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return [kind, text];
  }
  return undefined;
}

function complaint(source: string, at: number): string {
  const char = source.charAt(at);
  if (char === '"') return 'unterminated quoted string';
  if (char === '`') return 'unterminated raw quoted string';
  if (char === "'") return 'unterminated character constant';
  return `unexpected ${JSON.stringify(char)} in command`;
}

function trim(text: string, left: boolean, right: boolean): string {
  const cut = left ? text.replace(/^[ \t\r\n]+/, '') : text;
  return right ? cut.replace(/[ \t\r\n]+$/, '') : cut;
}

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}
