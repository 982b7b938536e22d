import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type Pair, type YAMLError } from 'yaml';
import { ComposeProblem, type Path, type Place, type Places } from '../value/places.ts';
import { goText } from '../value/go-text.ts';
import { isMapping, type Mapping, type Value } from '../value/value.ts';
import { resolvePlain, resolveTagged } from './scalar.ts';

/** One document of a file. */
export interface YamlDocument {
  readonly value: Value;
  /** Paths marked with `!reset` or `!override`: what earlier files said there is dropped. */
  readonly cleared: readonly Path[];
}

/** Larger than any file that people write, small enough to be read and checked in about a second. */
const MAX_TEXT = 16 * 1024 * 1024;
const MAX_KEY = 4096;
/** Values after aliases are followed: a few lines of nested aliases can stand for billions. */
const MAX_VALUES = 200_000;
const MAX_DEPTH = 200;

/** The documents of a file, with the place of every key and item told to `places`. Throws {@link ComposeProblem}. */
export function parseYaml(text: string, file: string, places: Places): YamlDocument[] {
  if (text.length > MAX_TEXT) {
    throw new ComposeProblem([], `the file has ${text.length} characters, more than ${MAX_TEXT}`, { file, line: 1, column: 1 }, { hint: 'include smaller files, or mount data as a config or a volume instead of writing it here' });
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, merge: false, lineCounter: lines, prettyErrors: false, logLevel: 'silent', stringKeys: false });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => readDocument(document, file, lines, places));
}

function readDocument(document: Document.Parsed, file: string, lines: LineCounter, places: Places): YamlDocument {
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [error] = document.errors;
  if (error !== undefined) throw new ComposeProblem([], syntaxMessage(error), placeOf(error.pos[0]), { hint: 'compose files are YAML: check indentation, colons and quotes around this place' });
  const reader = new Reader(placeOf, places);
  return { value: reader.read(document.contents, []) ?? null, cleared: reader.cleared };
}

function syntaxMessage({ message }: YAMLError): string {
  return `is not YAML: ${message.replace(/\s+/g, ' ')}`;
}

/** Follows aliases in place, so that a path that an alias brings can be reset or overridden like any other. */
class Reader {
  readonly cleared: Path[] = [];
  readonly #placeOf: (offset: number) => Place;
  readonly #places: Places;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(placeOf: (offset: number) => Place, places: Places) {
    this.#placeOf = placeOf;
    this.#places = places;
  }

  /** Undefined for what `!reset` takes away. */
  read(node: Node | null, path: Path): Value | undefined {
    if (node === null) return null;
    const place = this.#placeOf(node.range?.[0] ?? 0);
    if (path.length === 0) this.#places.set(path, place);
    if (++this.#values > MAX_VALUES) {
      throw new ComposeProblem(path, `the aliases of this file stand for more than ${MAX_VALUES} values`, place, { hint: 'aliases of aliases multiply: write fewer levels' });
    }
    if (path.length > MAX_DEPTH) throw new ComposeProblem(path.slice(0, 4), `is nested more than ${MAX_DEPTH} levels deep`, place);
    if (isAlias(node)) return this.#follow(node.source, path, place);
    const { anchor } = node as { readonly anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (node.tag === '!reset' || node.tag === '!override') this.cleared.push(path);
    if (node.tag === '!reset') return undefined;
    if (isScalar(node)) return scalar(node, path, place);
    this.#open.add(node);
    try {
      return isMap(node) ? this.#mapping(node.items as Pair<Node, Node | null>[], path, place) : this.#sequence(isSeq(node) ? node.items as Node[] : [], path);
    } finally {
      this.#open.delete(node);
    }
  }

  #follow(name: string, path: Path, place: Place): Value | undefined {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new ComposeProblem(path, `*${name} refers to an anchor that is not set before it`, place, { hint: `write &${name} on the value that is meant, above this line` });
    if (this.#open.has(target)) throw new ComposeProblem(path, `*${name} is inside the value of &${name}: it would contain itself`, place, { hint: 'move the anchored part to an `x-` key at the top of the file' });
    return this.read(target, path);
  }

  #sequence(items: readonly (Node | null)[], path: Path): Value[] {
    const list: Value[] = [];
    for (const [index, item] of items.entries()) {
      const at = [...path, String(index)];
      if (item !== null) this.#places.set(at, this.#placeOf(item.range?.[0] ?? 0));
      const value = this.read(item, at);
      if (value !== undefined) list.push(value);
    }
    return list;
  }

  #mapping(pairs: readonly Pair<Node, Node | null>[], path: Path, place: Place): Mapping {
    const mapping: Mapping = new Map();
    const lines = new Map<string, number>();
    const merges: Mapping[] = [];
    for (const { key: keyNode, value: valueNode } of pairs) {
      const at = keyNode === null ? place : this.#placeOf(keyNode.range?.[0] ?? 0);
      const key = this.#key(keyNode, path, at);
      const seen = lines.get(key);
      if (seen !== undefined) throw new ComposeProblem(path, `mapping key ${JSON.stringify(key)} already defined at line ${seen}`, at, { hint: 'a key may stand once in a mapping: join the two' });
      lines.set(key, at.line);
      if (key === '<<' && isPlain(keyNode)) {
        merges.push(...this.#merged(valueNode, path, at));
        continue;
      }
      this.#places.set([...path, key], at);
      const value = this.read(valueNode, [...path, key]);
      if (value !== undefined) mapping.set(key, value);
    }
    // What the mapping says itself wins, then the first of what is merged in.
    for (const merged of merges) for (const [key, value] of merged) if (!mapping.has(key)) mapping.set(key, value);
    return mapping;
  }

  #key(node: Node | null, path: Path, place: Place): string {
    const key = isAlias(node) || node === null || !isScalar(node) ? this.read(node, path) : scalar(node, path, place);
    if (typeof key !== 'string') {
      const where = path.length === 0 ? 'at top level' : `in ${path.join('.')}`;
      throw new ComposeProblem(path, `non-string key ${where}: ${goText(key ?? null)}`, place, { hint: `put quotes around it: "${goText(key ?? null)}"` });
    }
    if (key.length > MAX_KEY) throw new ComposeProblem(path, `a key has ${key.length} characters, more than ${MAX_KEY}`, place, { hint: 'keys are names: is a quote or a colon missing?' });
    return key;
  }

  #merged(node: Node | null, path: Path, place: Place): Mapping[] {
    const nodes = isSeq(node) ? node.items as (Node | null)[] : [node];
    return nodes.map((item) => {
      const value = this.read(item, path);
      if (!isMapping(value)) throw new ComposeProblem(path, 'map merge requires a mapping or a sequence of mappings as the value', place, { hint: 'write `<<: *anchor` or `<<: [*one, *two]`' });
      return value;
    });
  }
}

function isPlain(node: Node | null): boolean {
  return isScalar(node) && node.type === 'PLAIN';
}

function scalar(node: Node, path: Path, place: Place): Value {
  const { tag, type, value } = node as { readonly tag?: string; readonly type?: string; readonly value?: unknown };
  const text = typeof value === 'string' ? value : '';
  if (tag !== undefined) {
    const resolved = resolveTagged(tag, text);
    if (resolved === undefined) throw new ComposeProblem(path, `${JSON.stringify(text)} is not of the type ${tag.replace('tag:yaml.org,2002:', '!!')}`, place);
    return resolved;
  }
  return type === 'PLAIN' || type === undefined ? resolvePlain(text) : text;
}
