import { templateError } from './error.ts';
import { lex, type Token } from './lexer.ts';
import { unquote } from './literal.ts';
import type { Command, Field, Node, Operand, ParsedTemplate, Pipe } from './node.ts';

/** Reads a template. `functions` are the names that it may call. Throws `invalid` in Go's words. */
export function parseTemplate(source: string, functions: ReadonlySet<string>, name = ''): ParsedTemplate {
  return new Parser(lex(source, name), functions, name).run();
}

type ActionToken = Extract<Token, { readonly text: string; readonly column: number }>;

class Parser {
  readonly #tokens: readonly Token[];
  readonly #functions: ReadonlySet<string>;
  readonly #name: string;
  readonly #defined = new Map<string, readonly Node[]>();
  #at = 0;
  #line = 1;

  constructor(tokens: readonly Token[], functions: ReadonlySet<string>, name: string) {
    this.#tokens = tokens;
    this.#functions = functions;
    this.#name = name;
  }

  run(): ParsedTemplate {
    const { nodes, ended } = this.#nodes();
    if (ended !== undefined) throw this.#error(`unexpected {{${ended}}}`);
    return { name: this.#name, nodes, defined: this.#defined };
  }

  /** Nodes up to `end` or `else`, whose word is in `ended`; what follows that word is still to be read. */
  #nodes(): { readonly nodes: readonly Node[]; readonly ended: 'end' | 'else' | undefined } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) return { nodes, ended: undefined };
      this.#at += 1;
      this.#line = token.line;
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = this.#keyword();
      if (word === 'end' || word === 'else') return { nodes, ended: word };
      const node = this.#action(word);
      if (node !== undefined) nodes.push(node);
    }
  }

  #keyword(): string | undefined {
    const token = this.#peek();
    const keywords = ['if', 'with', 'range', 'else', 'end', 'define', 'template', 'block', 'break', 'continue'];
    if (token?.kind !== 'word' || !keywords.includes(token.text)) return undefined;
    this.#at += 1;
    return token.text;
  }

  #action(word: string | undefined): Node | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(word);
      case 'break':
      case 'continue':
        this.#close();
        return { kind: word };
      case 'define': {
        this.#defined.set(this.#quotedName('define'), this.#bodyToEnd());
        return undefined;
      }
      case 'template':
        return this.#template(this.#quotedName('template', false));
      case 'block': {
        const name = this.#quotedName('block', false);
        const node = this.#template(name);
        this.#defined.set(name, this.#body('end'));
        return node;
      }
      default:
        return this.#pipeAction();
    }
  }

  #pipeAction(): Node {
    const pipe = this.#pipe();
    this.#close();
    return { kind: 'action', pipe };
  }

  #control(kind: 'if' | 'with' | 'range'): Node {
    const pipe = this.#pipe(kind === 'range');
    this.#close();
    const { nodes: body, ended } = this.#nodes();
    if (ended === undefined) throw this.#error('unexpected EOF');
    if (ended === 'end') {
      this.#close();
      return { kind, pipe, body, otherwise: [] };
    }
    const chained = this.#keyword();
    if (chained !== undefined && chained === kind && kind !== 'range') return { kind, pipe, body, otherwise: [this.#control(kind)] };
    if (chained !== undefined) throw this.#error(`unexpected {{else ${chained}}}`);
    this.#close();
    return { kind, pipe, body, otherwise: this.#body('end') };
  }

  #bodyToEnd(): readonly Node[] {
    return this.#body('end');
  }

  #body(end: 'end'): readonly Node[] {
    const { nodes, ended } = this.#nodes();
    if (ended !== end) throw this.#error(ended === undefined ? 'unexpected EOF' : `unexpected {{${ended}}}`);
    this.#close();
    return nodes;
  }

  #template(name: string): Node {
    const pipe = this.#tokens[this.#at]?.kind === 'close' ? undefined : this.#pipe();
    this.#close();
    return { kind: 'template', name, pipe, line: this.#line };
  }

  #quotedName(clause: string, closes = true): string {
    const token = this.#peek();
    if (token?.kind !== 'string') throw this.#error(`unexpected ${describe(token)} in ${clause} clause`);
    this.#at += 1;
    if (closes) this.#close();
    return unquote(token.text);
  }

  #pipe(inRange = false): Pipe {
    const first = this.#peek();
    const { variables, assigns } = this.#declarations(inRange);
    const commands: Command[] = [];
    do commands.push(this.#command()); while (this.#takeSymbol('|'));
    return { variables, assigns, commands, line: this.#line, column: first?.column ?? 0 };
  }

  #declarations(inRange: boolean): { readonly variables: readonly string[]; readonly assigns: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    for (let token = this.#peek(); token?.kind === 'variable'; token = this.#peek()) {
      variables.push(token.text);
      this.#at += 1;
      if (this.#takeSymbol(':=')) return { variables, assigns: false };
      if (this.#takeSymbol('=')) return { variables, assigns: true };
      if (!inRange || !this.#takeSymbol(',')) break;
    }
    this.#at = start;
    return { variables: [], assigns: false };
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (let operand = this.#operand(); operand !== undefined; operand = this.#operand()) operands.push(operand);
    if (operands.length === 0) {
      const token = this.#tokens[this.#at];
      throw this.#error(token?.kind === 'close' ? 'missing value for command' : `unexpected ${describe(this.#peek())} in operand`);
    }
    return operands;
  }

  #operand(): Operand | undefined {
    const token = this.#peek();
    if (token === undefined) return undefined;
    if (token.kind === 'symbol' && token.text !== '(' && token.text !== '.') return undefined;
    this.#at += 1;
    switch (token.kind) {
      case 'string':
      case 'char':
        return { kind: 'constant', value: token.kind === 'char' ? (unquote(token.text).codePointAt(0) ?? 0) : unquote(token.text) };
      case 'number':
        return { kind: 'constant', value: Number(token.text.replaceAll('_', '')) };
      case 'variable':
        return { kind: 'variable', name: token.text, fields: this.#fields() };
      case 'field':
        return { kind: 'field', fields: [toField(token), ...this.#fields()] };
      case 'word':
        return this.#wordOperand(token);
      case 'symbol':
        return token.text === '.' ? { kind: 'dot' } : this.#parenthesised();
    }
  }

  #wordOperand(token: ActionToken): Operand {
    if (token.text === 'true' || token.text === 'false') return { kind: 'constant', value: token.text === 'true' };
    if (token.text === 'nil') return { kind: 'nil' };
    if (!this.#functions.has(token.text)) throw this.#error(`function ${JSON.stringify(token.text)} not defined`);
    return { kind: 'function', name: token.text, line: token.line, column: token.column };
  }

  #parenthesised(): Operand {
    const pipe = this.#pipe();
    if (!this.#takeSymbol(')')) throw this.#error('unclosed left paren');
    return { kind: 'pipe', pipe, fields: this.#fields() };
  }

  /** `.B.C` that follows a value without a blank. */
  #fields(): readonly Field[] {
    const fields: Field[] = [];
    for (let token = this.#peek(); token?.kind === 'field' && !token.spaced; token = this.#peek()) {
      fields.push(toField(token));
      this.#at += 1;
    }
    return fields;
  }

  #peek(): ActionToken | undefined {
    const token = this.#tokens[this.#at];
    return token !== undefined && 'column' in token ? token : undefined;
  }

  #takeSymbol(text: string): boolean {
    const token = this.#peek();
    if (token?.kind !== 'symbol' || token.text !== text) return false;
    this.#at += 1;
    return true;
  }

  #close(): void {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'close') throw this.#error(`unexpected ${describe(this.#peek())} in command`);
    this.#at += 1;
  }

  #error(message: string) {
    return templateError(this.#name, this.#line, message);
  }
}

function toField(token: ActionToken): Field {
  return { name: token.text.slice(1), line: token.line, column: token.column };
}

function describe(token: ActionToken | undefined): string {
  return token === undefined ? 'EOF' : `<${token.text}>`;
}
