import type { ASTNode, Environment } from '@marcbachmann/cel-js';

/** The parser has loops with one variable alone; those with two (cel-spec, "Extensions: Comprehensions") are written as such loops over indexes or keys. */
const LOOPS: Readonly<Record<string, number>> = { all: 3, exists: 3, existsOne: 3, exists_one: 3, transformList: 3, transformMap: 3, transformMapEntry: 3 };
/** Those that may have a condition before what they make. */
const FILTERED: ReadonlySet<string> = new Set(['transformList', 'transformMap', 'transformMapEntry']);

interface Loop {
  readonly name: string;
  readonly node: ASTNode;
  readonly receiver: ASTNode;
  readonly args: readonly ASTNode[];
}

/** @param parse which functions there are means nothing to it @throws as `parse` does */
export function withTwoVariables(text: string, parse: (text: string) => ASTNode): string {
  let source = text;
  // From within: what is put in has no such loop, so each is one less.
  for (let count = 0; ; count += 1) {
    const loop = innermost(parse(source));
    if (loop === undefined) return source;
    source = source.slice(0, loop.node.start) + rewritten(loop, (node) => source.slice(node.start, node.end), `__each${count}`) + source.slice(loop.node.end);
  }
}

function innermost(value: unknown): Loop | undefined {
  if (Array.isArray(value)) {
    for (const each of value) {
      const found = innermost(each);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (value === null || typeof value !== 'object' || !('op' in value) || !('args' in value)) return undefined;
  const below = innermost(value.args);
  if (below !== undefined || value.op !== 'rcall') return below;
  const [name, receiver, args] = value.args as [string, ASTNode, readonly ASTNode[]];
  const isLoop = Object.hasOwn(LOOPS, name) && (args.length === LOOPS[name] || (FILTERED.has(name) && args.length === 4)) && args[0]?.op === 'id' && args[1]?.op === 'id';
  return isLoop ? { name, node: value as unknown as ASTNode, receiver, args } : undefined;
}

function rewritten({ name, receiver, args }: Loop, textOf: (node: ASTNode) => string, all: string): string {
  const [key = '', value = '', ...rest] = args.map(textOf);
  const body = rest.at(-1) ?? '';
  const bound = (expression: string): string => `${key}, cel.bind(${value}, ${all}[${key}], ${expression})`;
  const keys = rest.length > 1 ? `${all}.keysOf().filter(${bound(rest[0] ?? '')})` : `${all}.keysOf()`;
  const made = `${keys}.map(${bound(body)})`;
  const loop = name === 'transformList' ? made : name === 'transformMap' ? `mapOf(${keys}, ${made})` : name === 'transformMapEntry' ? `mergedMaps(${made})` : `${all}.keysOf().${name === 'existsOne' ? 'exists_one' : name}(${bound(body)})`;
  return `cel.bind(${all}, ${textOf(receiver)}, ${loop})`;
}

type Entries = ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>;

const entriesOf = (map: Entries): readonly (readonly [unknown, unknown])[] => (map instanceof Map ? [...map] : Object.entries(map));

/** What the loops are written with. */
export function withKeys(environment: Environment): Environment {
  return environment
    .registerFunction('list<dyn>.keysOf(): list<int>', (list: readonly unknown[]) => list.map((_, index) => BigInt(index)))
    .registerFunction('map.keysOf(): list<dyn>', (map: Entries) => entriesOf(map).map(([key]) => key))
    .registerFunction('mapOf(list<dyn>, list<dyn>): map<dyn, dyn>', (keys: readonly unknown[], values: readonly unknown[]) => new Map(keys.map((key, index) => [key, values[index]])))
    .registerFunction('mergedMaps(list<dyn>): map<dyn, dyn>', (maps: readonly Entries[]) => {
      const merged = new Map<unknown, unknown>();
      for (const [key, value] of maps.flatMap(entriesOf)) {
        if (merged.has(key)) throw new RangeError(`insert failed: key ${String(key)} already exists`);
        merged.set(key, value);
      }
      return merged;
    });
}
