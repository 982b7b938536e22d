import { GantryError } from '#base/error.ts';
import type { FieldSchema } from './schema.ts';

interface TypeText {
  readonly text: string;
  /** A type whose fields this one has too: `Container`, or `meta.Condition` of another group. */
  readonly like: string | undefined;
  readonly fields: ReadonlyMap<string, string>;
}

/** What is the same wherever it stands. */
const API_VERSION = 'Group and version of the API in which the object is written, such as apps/v1.';
const KIND = 'Name of the kind of object, in CamelCase and singular.';
const METADATA = 'What all objects have: name, namespace, labels, annotations, owners and versions.';
const SPEC = 'What its author asks for. The system works to make it so.';
const STATUS = 'What was last found to be so. The system writes it.';

/**
 * Descriptions of the types of upstream's API and of their fields, in words of our own. The versions of a group share them: types go by
 * group and name, as `core.PodSpec`.
 *
 * A text has a line for a type and, indented, one for each of its fields: `PodSpec: …`, `  nodeName: …`. After `Type < Other` what is not
 * said of a field is as of the other type.
 */
export class TypeTexts {
  readonly #sources: Readonly<Record<string, readonly string[]>>;
  readonly #groups = new Map<string, ReadonlyMap<string, TypeText>>();

  /** @param sources texts by group, read when something of the group is first asked for */
  constructor(sources: Readonly<Record<string, readonly string[]>>) {
    this.#sources = sources;
  }

  /** @param message as `core.v1.PodSpec` */
  ofType(message: string): string | undefined {
    return this.#find(withoutVersion(message))?.text;
  }

  /** @param message the type that has the field, as `core.v1.PodSpec` */
  ofField(message: string, field: FieldSchema): string | undefined {
    return this.#fieldText(withoutVersion(message), field.name) ?? ordinary(message, field);
  }

  /** Of `apiVersion` and `kind`, which every object says first. */
  get ofEveryKind(): { readonly apiVersion: string; readonly kind: string } {
    return { apiVersion: API_VERSION, kind: KIND };
  }

  /** Everything that is told, as `core.PodSpec` and `core.PodSpec.nodeName`. */
  *entries(): Generator<readonly [path: string, text: string]> {
    yield* [['apiVersion', API_VERSION], ['kind', KIND], ['metadata', METADATA], ['spec', SPEC], ['status', STATUS]];
    for (const group of Object.keys(this.#sources)) {
      for (const [name, { text, fields }] of this.#group(group)) {
        yield [`${group}.${name}`, text];
        for (const [field, each] of fields) yield [`${group}.${name}.${field}`, each];
      }
    }
  }

  #fieldText(type: string, field: string): string | undefined {
    const found = this.#find(type);
    if (found === undefined) return undefined;
    const { fields, like } = found;
    return fields.get(field) ?? (like === undefined ? undefined : this.#fieldText(like.includes('.') ? like : `${type.slice(0, type.indexOf('.'))}.${like}`, field));
  }

  #find(type: string): TypeText | undefined {
    const dot = type.indexOf('.');
    return this.#group(type.slice(0, dot)).get(type.slice(dot + 1));
  }

  #group(name: string): ReadonlyMap<string, TypeText> {
    const known = this.#groups.get(name) ?? new Map((this.#sources[name] ?? []).flatMap((text) => [...typesOf(text)]));
    this.#groups.set(name, known);
    return known;
  }
}

/** `core.PodSpec` of `core.v1.PodSpec`. */
function withoutVersion(message: string): string {
  return message.replace(/\.\w+\./, '.');
}

function ordinary(message: string, { name, type }: FieldSchema): string | undefined {
  if (type.kind !== 'message') return undefined;
  if (name === 'metadata' && type.name === 'meta.v1.ObjectMeta') return METADATA;
  if (name === 'spec' && type.name === `${message}Spec`) return SPEC;
  return name === 'status' && type.name === `${message}Status` ? STATUS : undefined;
}

const LINE = /^(?:(?<type>\w+)(?: < (?<like>[\w.]+))?|  (?<field>[\w$-]+)): (?<text>\S.*)$/;

function typesOf(source: string): Map<string, TypeText> {
  const types = new Map<string, TypeText>();
  let fields = new Map<string, string>();
  for (const line of source.replace(/^\n|\n$/g, '').split('\n')) {
    const { type, like, field = '', text = '' } = LINE.exec(line)?.groups ?? {};
    if (text === '' || (type === undefined ? fields.has(field) || types.size === 0 : types.has(type))) throw new GantryError('internal', `a line of the descriptions is no new type or field: ${line}`);
    if (type === undefined) fields.set(field, text);
    else types.set(type, { text, like, fields: fields = new Map() });
  }
  return types;
}
