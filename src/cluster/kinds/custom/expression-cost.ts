import type { ASTNode } from '@marcbachmann/cel-js';
import { fieldSchema, type CustomSchema } from './custom-schema.ts';
import { escapedName } from './expression-values.ts';

/** How many elements a list or map has at most; by its schema, or in a given object. */
export type SizeOf = (schema: CustomSchema | undefined) => number;

/** What a name in an expression stands for, as far as sizes go. */
export type Scope = ReadonlyMap<string, CustomSchema | undefined>;

const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter']);
/** Those that look at each element, or at each character: what is called on is as long as that. */
const LINEAR: ReadonlySet<string> = new Set(['re2Matches', 'find', 'findAll', 'format', 'reverse', 'charAt', 'contains', 'indexOf', 'lastIndexOf', 'sum', 'min', 'max', 'isSorted', 'join', 'split', 'replace', 'lowerAscii', 'upperAscii', 'keysOf']);

/**
 * The most steps that an expression may take: every node is one, and what stands in a loop counts for each element
 * (kubernetes.io, "Resource use by validation functions").
 */
export function expressionCost(ast: ASTNode, names: Scope, sizeOf: SizeOf): number {
  return costOf(ast as Node, names, sizeOf);
}

/** The names of a rule at a place of a schema. */
export function scopeOfRule(schema: CustomSchema): Scope {
  return new Map([['self', schema], ['oldSelf', schema]]);
}

/** The tree of the parser, whose operands have many shapes. */
interface Node { readonly op: string; readonly args: unknown }

function costOf(node: Node, scope: Scope, sizeOf: SizeOf): number {
  if (node.op === 'rcall') {
    const [name, receiver, args] = node.args as [string, Node, readonly Node[]];
    const [first, ...rest] = args;
    if (LOOPS.has(name) && first?.op === 'id') {
      const over = schemaOf(receiver, scope);
      const inner = new Map(scope).set(first.args as string, elementOf(over));
      return costOf(receiver, scope, sizeOf) + 1 + sizeOf(over) * (1 + sum(rest, inner, sizeOf));
    }
    if (name === 'bind' && first?.op === 'id' && receiver.op === 'id' && receiver.args === 'cel') {
      const [value, ...inside] = rest;
      return 1 + (value === undefined ? 0 : costOf(value, scope, sizeOf) + sum(inside, new Map(scope).set(first.args as string, schemaOf(value, scope)), sizeOf));
    }
    const own = LINEAR.has(name) ? 1 + sizeOf(schemaOf(receiver, scope)) / 10 : 1;
    return own + costOf(receiver, scope, sizeOf) + sum(args, scope, sizeOf);
  }
  if (node.op === 'in') {
    const [item, list] = node.args as [Node, Node];
    const over = schemaOf(list, scope);
    // In a map it is one look.
    return costOf(item, scope, sizeOf) + costOf(list, scope, sizeOf) + 1 + (list.op === 'list' || over?.type === 'object' ? 0 : sizeOf(over));
  }
  return 1 + sum(nodesIn(node.args), scope, sizeOf);
}

const sum = (nodes: readonly Node[], scope: Scope, sizeOf: SizeOf): number => nodes.reduce((total, each) => total + costOf(each, scope, sizeOf), 0);

function nodesIn(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return value !== null && typeof value === 'object' && 'op' in value && 'args' in value ? [value as Node] : [];
}

function schemaOf(node: Node, scope: Scope): CustomSchema | undefined {
  switch (node.op) {
    case 'id': return scope.get(node.args as string);
    case '.': case '.?': {
      const [of, name] = node.args as [Node, string];
      const schema = schemaOf(of, scope);
      return schema === undefined ? undefined : [...schema.properties].find(([field]) => escapedName(field) === name)?.[1] ?? fieldSchema(schema, name);
    }
    case '[]': case '[?]': return elementOf(schemaOf((node.args as [Node, Node])[0], scope));
    // What a loop makes is no longer than what it goes through, and of things that nobody knows.
    case 'rcall': {
      const [name, receiver] = node.args as [string, Node];
      return name === 'filter' || name === 'keysOf' ? schemaOf(receiver, scope) : undefined;
    }
    default: return undefined;
  }
}

const elementOf = (schema: CustomSchema | undefined): CustomSchema | undefined => schema?.items ?? schema?.additional;
