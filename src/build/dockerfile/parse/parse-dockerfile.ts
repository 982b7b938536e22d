import { at, DockerfileError, type Lines } from '../dockerfile-error.ts';
import type { Escape } from '../expand/lexer.ts';
import { cutWord, trim, trimStart } from '../_space.ts';
import { cutFlags, jsonOrText, jsonOrWords, parseHealthcheckArguments, parsePairs, parseWords, quotedWords, type Arguments } from './_arguments.ts';
import { DirectiveReader, parseEscape, type Directive } from './directive.ts';
import { heredocsOf } from './heredoc.ts';
import type { Heredoc, Node } from './node.ts';
import { SourceLines, withoutEnd } from './source-lines.ts';

/** A Dockerfile taken apart into its instructions. */
export interface Document {
  readonly text: string;
  readonly nodes: readonly Node[];
  readonly directives: readonly Directive[];
  readonly escape: Escape;
  /** Where instructions with empty lines in their continuation end. */
  readonly emptyContinuations: readonly Lines[];
}

type Form = (text: string, escape: Escape) => Arguments;
const asWords: Form = (text) => ({ args: parseWords(text), isJson: false });
const asText: Form = (text) => ({ args: text === '' ? [] : [text], isJson: false });
const asQuotedWords: Form = (text, escape) => ({ args: quotedWords(text, escape), isJson: false });

const forms: ReadonlyMap<string, Form> = new Map([
  ['add', jsonOrWords], ['arg', asQuotedWords], ['cmd', jsonOrText], ['copy', jsonOrWords], ['entrypoint', jsonOrText],
  ['expose', asWords], ['from', asWords], ['healthcheck', parseHealthcheckArguments], ['maintainer', asText], ['run', jsonOrText],
  ['shell', jsonOrText], ['stopsignal', asText], ['user', asText], ['volume', jsonOrWords], ['workdir', asText],
]);
const WITH_HEREDOC: ReadonlySet<string> = new Set(['add', 'copy', 'run']);

/**
 * The one way from text to instructions. What an instruction means is not its matter: unknown ones are in the result.
 * @throws DockerfileError
 */
export function parseDockerfile(text: string): Document {
  const reader = new Reader(text);
  const nodes: Node[] = [];
  for (let node = reader.next(); node !== undefined; node = reader.next()) nodes.push(node);
  if (nodes.length === 0) throw new DockerfileError('file with no instructions', { lines: { start: reader.line, end: reader.line } });
  return { text, nodes, directives: reader.directives, escape: reader.escape, emptyContinuations: reader.emptyContinuations };
}

class Reader {
  readonly directives: Directive[] = [];
  readonly emptyContinuations: Lines[] = [];
  escape: Escape = '\\';
  readonly #lines: SourceLines;
  readonly #reader = new DirectiveReader();
  #comments: string[] = [];

  constructor(text: string) {
    this.#lines = new SourceLines(text.startsWith('\ufeff') ? text.slice(1) : text);
  }

  get line(): number {
    return this.#lines.number;
  }

  next(): Node | undefined {
    for (let raw = this.#lines.next(); raw !== undefined; raw = this.#lines.next()) {
      const line = trimStart(withoutEnd(raw));
      if (this.#takeDirective(line) || this.#takeComment(line)) continue;
      const first = cutContinuation(line, this.escape);
      if (!first.continues && first.text === '') continue;
      const node = this.#readInstruction(first);
      this.#comments = [];
      return node;
    }
    return undefined;
  }

  #takeDirective(line: string): boolean {
    const directive = this.#reader.read(line);
    if (directive === undefined) return false;
    if (directive.name === 'escape') this.escape = parseEscape(directive);
    this.directives.push(directive);
    return true;
  }

  #takeComment(line: string): boolean {
    if (!line.startsWith('#')) return false;
    const comment = trim(line.slice(1));
    if (comment === '') this.#comments = [];
    else this.#comments.push(comment);
    return true;
  }

  #readInstruction(first: Continued): Node {
    const start = this.line;
    const parts = [first.text];
    let isEmptySeen = false;
    for (let { continues } = first; continues;) {
      const raw = this.#lines.next();
      if (raw === undefined) break;
      const line = withoutEnd(raw);
      const content = trimStart(line);
      if (content.startsWith('#')) continue;
      if (content === '') {
        isEmptySeen = true;
        continue;
      }
      const continued = cutContinuation(line, this.escape);
      parts.push(continued.text);
      continues = continued.continues;
    }
    if (isEmptySeen) this.emptyContinuations.push({ start: this.line, end: this.line });
    const original = parts.join('');
    const node = at({ start, end: this.line }, () => parseInstruction(original, this.escape));
    const heredocs = at({ start, end: this.line }, () => this.#readHeredocs(node, original));
    return { ...node, heredocs, comments: this.#comments, lines: { start, end: this.line } };
  }

  #readHeredocs(node: Node, original: string): readonly Heredoc[] {
    const holder = node.name.toLowerCase() === 'onbuild' && node.trigger !== undefined ? node.trigger : node;
    if (!WITH_HEREDOC.has(holder.name.toLowerCase()) || holder.isJson || !original.includes('<<')) return [];
    const start = this.line;
    return heredocsOf(original).map((heredoc) => {
      const content: string[] = [];
      for (let raw = this.#lines.next(); raw !== undefined; raw = this.#lines.next()) {
        const line = withoutEnd(raw);
        if ((heredoc.chomps ? line.replace(/^\t+/, '') : line) === heredoc.name) return { ...heredoc, content: content.join('') };
        content.push(raw);
      }
      throw new DockerfileError('unterminated heredoc', { lines: { start, end: this.line }, token: heredoc.name });
    });
  }
}

interface Continued {
  readonly text: string;
  readonly continues: boolean;
}

/** A line goes on in the next when its last character, blanks aside, is an escape that is not escaped itself. */
function cutContinuation(line: string, escape: Escape): Continued {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  const continues = end > 0 && line[end - 1] === escape && (end === 1 || line[end - 2] !== escape);
  return continues ? { text: line.slice(0, end - 1), continues } : { text: line, continues };
}

function parseInstruction(line: string, escape: Escape): Node {
  const [name, written] = cutWord(trim(line));
  const { flags, rest } = cutFlags(written ?? '', escape);
  const text = trim(rest);
  const key = name.toLowerCase();
  const none: Node = { name, flags, args: [], isJson: false, pairs: [], trigger: undefined, heredocs: [], original: line, lines: { start: 0, end: 0 }, comments: [] };
  if (key === 'onbuild') return { ...none, trigger: text === '' ? undefined : parseTrigger(text, escape) };
  if (key === 'env' || key === 'label') return { ...none, pairs: parsePairs(text, key.toUpperCase(), escape) };
  const form = forms.get(key);
  return form === undefined ? none : { ...none, ...form(text, escape) };
}

/** ONBUILD is no trigger, but says so later; here it only must not nest without end. */
function parseTrigger(text: string, escape: Escape): Node {
  const [name] = cutWord(text);
  if (name.toLowerCase() !== 'onbuild') return parseInstruction(text, escape);
  return { name, flags: [], args: [], isJson: false, pairs: [], trigger: undefined, heredocs: [], original: text, lines: { start: 0, end: 0 }, comments: [] };
}
