import { DockerfileError, type Lines } from '../dockerfile-error.ts';
import type { Escape } from '../expand/lexer.ts';
import { trimEnd } from '../_space.ts';
import { SourceLines, withoutEnd } from './source-lines.ts';

const NAMES = ['syntax', 'escape', 'check'] as const;
type DirectiveName = typeof NAMES[number];

export interface Directive {
  readonly name: DirectiveName;
  readonly value: string;
  readonly lines: Lines;
}

const START = /^[\t\n\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=([\s\S]*)$/;

/** Reads the directives at the top, line by line; the first line that is none ends them. */
export class DirectiveReader {
  readonly #comment: string;
  readonly #seen = new Set<string>();
  #line: number;
  #isDone = false;

  /** `before` lines were passed over. */
  constructor(comment = '#', before = 0) {
    this.#comment = comment;
    this.#line = before;
  }

  /** @throws DockerfileError for a directive that was there before */
  read(line: string): Directive | undefined {
    this.#line++;
    if (this.#isDone) return undefined;
    const directive = this.#parse(line);
    if (directive === undefined) {
      this.#isDone = true;
      return undefined;
    }
    if (this.#seen.has(directive.name)) throw new DockerfileError(`only one ${directive.name} parser directive can be used`, { lines: directive.lines, token: directive.name });
    this.#seen.add(directive.name);
    return directive;
  }

  #parse(line: string): Directive | undefined {
    const match = line.startsWith(this.#comment) ? START.exec(line.slice(this.#comment.length)) : null;
    const name = NAMES.find((known) => known === match?.[1]?.toLowerCase());
    const written = match?.[2] ?? '';
    if (name === undefined || written === '') return undefined;
    // Blanks alone are a value too: the last of them.
    const value = trimEnd(written.trimStart()) === '' ? written.slice(-1) : trimEnd(written.trimStart());
    return { name, value, lines: { start: this.#line, end: this.#line } };
  }
}

/** All directives of a Dockerfile, up to the first that is repeated. */
export function directivesOf(text: string, comment = '#'): Directive[] {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const lines = new SourceLines(body);
  const hasInterpreter = body.startsWith('#!');
  if (hasInterpreter) lines.next();
  const reader = new DirectiveReader(comment, hasInterpreter ? 1 : 0);
  const found: Directive[] = [];
  try {
    for (let line = lines.next(); line !== undefined; line = lines.next()) {
      const directive = reader.read(withoutEnd(line));
      if (directive === undefined) break;
      found.push(directive);
    }
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
  }
  return found;
}

export interface SyntaxReference {
  /** The image of the frontend: `docker/dockerfile:1`. */
  readonly image: string;
  /** With what follows it on the line. */
  readonly commandLine: string;
  readonly lines: Lines;
}

/** Which frontend a file asks for: as a directive, behind `//`, or as a field of JSON. */
export function detectSyntax(text: string): SyntaxReference | undefined {
  for (const comment of ['#', '//']) {
    const directive = directivesOf(text, comment).find(({ name }) => name === 'syntax');
    if (directive !== undefined) return { image: directive.value.split(' ', 1)[0] as string, commandLine: directive.value, lines: directive.lines };
  }
  const syntax = syntaxOfJson(text);
  return syntax === undefined ? undefined : { image: syntax, commandLine: syntax, lines: { start: 1, end: 1 } };
}

function syntaxOfJson(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    const syntax = (json as { syntax?: unknown }).syntax;
    return typeof syntax === 'string' ? syntax : undefined;
  } catch {
    return undefined;
  }
}

/** @throws DockerfileError for what is neither of both */
export function parseEscape({ value, lines }: Directive): Escape {
  if (value === '\\' || value === '`') return value;
  throw new DockerfileError(`invalid escape token '${value}' does not match \` or \\`, { lines, token: value });
}
