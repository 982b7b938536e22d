import { GantryError, messageOf } from '#base/error.ts';
import { templateError } from './error.ts';
import { shortCircuits, type TemplateFunctions } from './functions.ts';
import type { Command, Field, Node, Operand, ParsedTemplate, Pipe } from './node.ts';
import { isTruthy, isView, printValue, viewType } from './value.ts';

/** Writes the template for one value. Throws `invalid` in Go's words. */
export function evaluateTemplate(template: ParsedTemplate, functions: TemplateFunctions, data: unknown): string {
  const evaluator = new Evaluator(template, functions);
  evaluator.walk(template.nodes, data, new Scope(undefined, new Map([['$', data]])));
  return evaluator.output.join('');
}

/** What `break` and `continue` leave a range by. */
type Flow = 'break' | 'continue' | undefined;

/** Deeper than this a template surely calls itself for ever. */
const DEPTH_MAX = 1000;

class Scope {
  readonly #parent: Scope | undefined;
  readonly #values: Map<string, unknown>;

  constructor(parent: Scope | undefined, values: Map<string, unknown> = new Map()) {
    this.#parent = parent;
    this.#values = values;
  }

  declare(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  holder(name: string): Map<string, unknown> | undefined {
    return this.#values.has(name) ? this.#values : this.#parent?.holder(name);
  }
}

class Evaluator {
  readonly output: string[] = [];
  readonly #template: ParsedTemplate;
  readonly #functions: TemplateFunctions;
  #depth = 0;

  constructor(template: ParsedTemplate, functions: TemplateFunctions) {
    this.#template = template;
    this.#functions = functions;
  }

  walk(nodes: readonly Node[], dot: unknown, scope: Scope): Flow {
    for (const node of nodes) {
      const flow = this.#node(node, dot, scope);
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  #node(node: Node, dot: unknown, scope: Scope): Flow {
    switch (node.kind) {
      case 'text':
        this.output.push(node.text);
        return undefined;
      case 'action': {
        const value = this.#pipe(node.pipe, dot, scope);
        if (node.pipe.variables.length === 0) this.output.push(printValue(value));
        return undefined;
      }
      case 'if':
      case 'with': {
        const inner = new Scope(scope);
        const value = this.#pipe(node.pipe, dot, inner);
        if (!isTruthy(value)) return this.walk(node.otherwise, dot, new Scope(inner));
        return this.walk(node.body, node.kind === 'with' ? value : dot, inner);
      }
      case 'range':
        return this.#range(node, dot, scope);
      case 'template':
        return this.#call(node, dot, scope);
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #range(node: Extract<Node, { readonly kind: 'range' }>, dot: unknown, scope: Scope): Flow {
    const { variables, ...pipe } = node.pipe;
    const value = this.#pipe({ ...pipe, variables: [] }, dot, scope);
    const entries = this.#entries(value, node.pipe);
    if (entries.length === 0) return this.walk(node.otherwise, dot, new Scope(scope));
    for (const [key, item] of entries) {
      const inner = new Scope(scope);
      if (variables.length === 1) this.#set(inner, node.pipe, variables[0] ?? '', item);
      if (variables.length === 2) {
        this.#set(inner, node.pipe, variables[0] ?? '', key);
        this.#set(inner, node.pipe, variables[1] ?? '', item);
      }
      if (this.walk(node.body, item, inner) === 'break') break;
    }
    return undefined;
  }

  #entries(value: unknown, pipe: Pipe): readonly (readonly [string | number, unknown])[] {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item] as const);
    if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index] as const);
    if (typeof value === 'object') return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    throw this.#error(pipe.line, pipe.column, `range can't iterate over ${printValue(value)}`);
  }

  #call(node: Extract<Node, { readonly kind: 'template' }>, dot: unknown, scope: Scope): Flow {
    const body = this.#template.defined.get(node.name);
    if (body === undefined) throw this.#error(node.line, 0, `template ${JSON.stringify(node.name)} not defined`);
    const value = node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot, scope);
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw this.#error(node.line, 0, `exceeded maximum template depth (${DEPTH_MAX})`);
    this.walk(body, value, new Scope(undefined, new Map([['$', value]])));
    this.#depth -= 1;
    return undefined;
  }

  #pipe(pipe: Pipe, dot: unknown, scope: Scope): unknown {
    let value: unknown;
    for (const [index, command] of pipe.commands.entries()) {
      value = this.#command(command, dot, scope, index === 0 ? [] : [value]);
    }
    for (const name of pipe.variables) this.#set(scope, pipe, name, value);
    return value;
  }

  #set(scope: Scope, pipe: Pipe, name: string, value: unknown): void {
    if (!pipe.assigns) {
      scope.declare(name, value);
      return;
    }
    const holder = scope.holder(name);
    if (holder === undefined) throw this.#error(pipe.line, pipe.column, `undefined variable ${JSON.stringify(name)}`);
    holder.set(name, value);
  }

  /** `piped` is the value of the command before, which becomes the last argument. */
  #command([head, ...rest]: Command, dot: unknown, scope: Scope, piped: readonly unknown[]): unknown {
    if (head === undefined) return undefined;
    if (head.kind === 'function') return this.#function(head, rest, dot, scope, piped);
    const lazy = () => [...rest.map((operand) => this.#operand(operand, dot, scope)), ...piped];
    if (head.kind === 'field') return this.#chain(dot, head.fields, lazy());
    if (head.kind === 'variable' && head.fields.length > 0) return this.#chain(this.#variable(head.name, scope), head.fields, lazy());
    if (head.kind === 'pipe' && head.fields.length > 0) return this.#chain(this.#pipe(head.pipe, dot, scope), head.fields, lazy());
    if (rest.length > 0 || piped.length > 0) throw templateError(this.#template.name, 1, "can't give argument to non-function");
    return this.#operand(head, dot, scope);
  }

  #function(
    head: Extract<Operand, { readonly kind: 'function' }>,
    rest: readonly Operand[],
    dot: unknown,
    scope: Scope,
    piped: readonly unknown[],
  ): unknown {
    if (shortCircuits.has(head.name)) return this.#shortCircuit(head.name, rest, dot, scope, piped);
    const args = [...rest.map((operand) => this.#operand(operand, dot, scope)), ...piped];
    try {
      return this.#functions[head.name]?.(...args);
    } catch (cause) {
      throw this.#error(head.line, head.column, `error calling ${head.name}: ${messageOf(cause)}`, `<${head.name}>`);
    }
  }

  #shortCircuit(name: string, rest: readonly Operand[], dot: unknown, scope: Scope, piped: readonly unknown[]): unknown {
    const values: readonly (() => unknown)[] = [...rest.map((operand) => () => this.#operand(operand, dot, scope)), ...piped.map((value) => () => value)];
    if (name === 'not') return !isTruthy(values[0]?.());
    let value: unknown;
    for (const next of values) {
      value = next();
      if (isTruthy(value) === (name === 'or')) return value;
    }
    return value;
  }

  #operand(operand: Operand, dot: unknown, scope: Scope): unknown {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'constant':
        return operand.value;
      case 'variable':
        return this.#chain(this.#variable(operand.name, scope), operand.fields, []);
      case 'field':
        return this.#chain(dot, operand.fields, []);
      case 'function':
        return this.#function(operand, [], dot, scope, []);
      case 'pipe':
        return this.#chain(this.#pipe(operand.pipe, dot, scope), operand.fields, []);
    }
  }

  #variable(name: string, scope: Scope): unknown {
    const holder = scope.holder(name);
    if (holder === undefined) throw templateError(this.#template.name, 1, `undefined variable ${JSON.stringify(name)}`);
    return holder.get(name);
  }

  /** `.A.B arg`: only the last field takes the arguments. */
  #chain(start: unknown, fields: readonly Field[], args: readonly unknown[]): unknown {
    return fields.reduce((value, field, index) => this.#field(value, field, index === fields.length - 1 ? args : []), start);
  }

  #field(value: unknown, field: Field, args: readonly unknown[]): unknown {
    const context = `<.${field.name}>`;
    if (value === null || value === undefined) {
      throw this.#error(field.line, field.column, `nil pointer evaluating interface {}.${field.name}`, context);
    }
    if (typeof value !== 'object' || Array.isArray(value)) {
      const type = Array.isArray(value) ? '[]interface {}' : typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : 'string';
      throw this.#error(field.line, field.column, `can't evaluate field ${field.name} in type ${type}`, context);
    }
    const known = Object.hasOwn(value, field.name);
    if (!known && isView(value)) {
      throw this.#error(field.line, field.column, `can't evaluate field ${field.name} in type ${value[viewType]}`, context);
    }
    if (!known) throw this.#error(field.line, field.column, `map has no entry for key ${JSON.stringify(field.name)}`, context);
    const found = (value as Readonly<Record<string, unknown>>)[field.name];
    if (typeof found === 'function') return (found as (...given: readonly unknown[]) => unknown)(...args);
    if (args.length > 0) throw this.#error(field.line, field.column, `${field.name} has arguments but cannot be invoked as function`, context);
    return found;
  }

  #error(line: number, column: number, message: string, context = ''): GantryError {
    const { name } = this.#template;
    const where = context === '' ? '' : `executing ${JSON.stringify(name)} at ${context}: `;
    return new GantryError('invalid', `template: ${name}:${line}:${column}: ${where}${message}`);
  }
}
