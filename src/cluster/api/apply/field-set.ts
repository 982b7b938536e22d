import type { Json, JsonObject } from '#base/json.ts';

/**
 * A part of a path, as `FieldsV1` writes it: `f:name` a field, `k:{"name":"a"}` an item of a list by its keys, `v:"a"` an
 * item of a set, `i:0` an item by its place (structured-merge-diff, fieldpath/serialize-pe.go).
 */
export type PathElement = string;

const SELF = '.';

/** A set of paths as a tree. A path may be in it without those below it, and those below without it. */
export class FieldSet {
  static readonly empty = new FieldSet(false, new Map());
  static readonly leaf = new FieldSet(true, new Map());

  /** This place itself is in the set. */
  readonly self: boolean;
  readonly children: ReadonlyMap<PathElement, FieldSet>;

  constructor(self: boolean, children: ReadonlyMap<PathElement, FieldSet>) {
    this.self = self;
    this.children = children;
  }

  /** Leaves out children that hold nothing. */
  static of(self: boolean, children: Iterable<readonly [PathElement, FieldSet]>): FieldSet {
    const kept = new Map<PathElement, FieldSet>();
    for (const [element, child] of children) if (!child.isEmpty) kept.set(element, child);
    return FieldSet.#ofKept(self, kept);
  }

  static #ofKept(self: boolean, kept: ReadonlyMap<PathElement, FieldSet>): FieldSet {
    return kept.size === 0 ? self ? FieldSet.leaf : FieldSet.empty : new FieldSet(self, kept);
  }

  #mapped(self: boolean, how: (child: FieldSet, element: PathElement) => FieldSet): FieldSet {
    const kept = new Map<PathElement, FieldSet>();
    for (const [element, each] of this.children) {
      const child = how(each, element);
      if (!child.isEmpty) kept.set(element, child);
    }
    return FieldSet.#ofKept(self, kept);
  }

  static ofPaths(...paths: readonly (readonly PathElement[])[]): FieldSet {
    return paths.map((path) => path.reduceRight((set, element) => new FieldSet(false, new Map([[element, set]])), FieldSet.leaf)).reduce((all, one) => all.union(one), FieldSet.empty);
  }

  get isEmpty(): boolean {
    return !this.self && this.children.size === 0;
  }

  at(element: PathElement): FieldSet {
    return this.children.get(element) ?? FieldSet.empty;
  }

  /** The same with this place in it, or not. */
  withSelf(self: boolean): FieldSet {
    return self === this.self ? this : FieldSet.of(self, this.children);
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    const children = new Map(this.children);
    for (const [element, child] of other.children) children.set(element, this.at(element).union(child));
    return new FieldSet(this.self || other.self, children);
  }

  intersection(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return FieldSet.empty;
    return this.#mapped(this.self && other.self, (child, element) => child.intersection(other.at(element)));
  }

  /** Without the paths of the other; what is below them stays. */
  difference(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return this;
    return this.#mapped(this.self && !other.self, (child, element) => child.difference(other.at(element)));
  }

  /** Without the paths of the other and all that is below them. */
  without(other: FieldSet): FieldSet {
    if (this.isEmpty || other.isEmpty) return this;
    if (other.self) return FieldSet.empty;
    return this.#mapped(this.self, (child, element) => child.without(other.at(element)));
  }

  /** Each path, in the order of its text. */
  *paths(): Generator<readonly PathElement[]> {
    if (this.self) yield [];
    for (const [element, child] of sorted(this.children)) for (const path of child.paths()) yield [element, ...path];
  }

  /** `FieldsV1`. */
  toJson(): JsonObject {
    const json: Record<string, Json> = Object.create(null) as Record<string, Json>;
    if (this.self && this.children.size > 0) json[SELF] = {};
    for (const [element, child] of sorted(this.children)) json[element] = child.toJson();
    return json;
  }

  /** What is no `FieldsV1` holds nothing. */
  static parse(json: Json | undefined): FieldSet {
    return FieldSet.#parse(json, true);
  }

  static #parse(json: Json | undefined, isRoot: boolean): FieldSet {
    if (json === null || typeof json !== 'object' || Array.isArray(json)) return FieldSet.empty;
    const entries = Object.entries(json as JsonObject);
    const children = entries.filter(([element]) => element !== SELF).map(([element, child]) => [element, FieldSet.#parse(child, false)] as const);
    return FieldSet.of(!isRoot && (entries.length === 0 || Object.hasOwn(json, SELF)), children);
  }
}

function sorted(children: ReadonlyMap<PathElement, FieldSet>): (readonly [PathElement, FieldSet])[] {
  return [...children].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

/** A path as messages name it: `.spec.containers[name="a"].image`. */
export function pathText(path: readonly PathElement[]): string {
  return path.map((element) => {
    const value = element.slice(2);
    if (element.startsWith('f:')) return `.${value}`;
    if (element.startsWith('v:')) return `[=${value}]`;
    if (element.startsWith('i:')) return `[${value}]`;
    return `[${Object.entries(JSON.parse(value) as Record<string, Json>).map(([key, each]) => `${key}=${JSON.stringify(each)}`).join(',')}]`;
  }).join('');
}
