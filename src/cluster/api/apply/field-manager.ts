import type { Json, JsonObject } from '#base/json.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { compiledKind, unknownCustomFields } from '#cluster/kinds/custom/custom-kind.ts';
import type { CustomKind, ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { unknownFields } from '#cluster/kinds/unknown-fields.ts';
import { customFieldType } from '../custom/custom-field-type.ts';
import type { PartsOfWork } from '../parts-of-work.ts';
import { badRequest } from '../refusals.ts';
import { same } from '../same.ts';
import { StatusError } from '../status.ts';
import { atomicPaths } from './atomic-paths.ts';
import { FieldSet, pathText } from './field-set.ts';
import { FieldTypes, isObject, type FieldType } from './field-type.ts';
import { describeManager, isReset, keyOf, parseManagers, printManagers, type ManagerEntry, type ManagerId, type Managers } from './managed-fields.ts';
import { mergeValues } from './merge-values.ts';
import { applyOwned, updateOwned, type Conflict } from './ownership.ts';

/** Upstream keeps so many updaters apart, and then puts the oldest together. */
const MOST_UPDATERS = 10;
const OLD_UPDATES = 'ancient-changes';
const BEFORE_APPLY = 'before-first-apply';

/** What only the server says, nobody owns. */
const SERVERS = FieldSet.ofPaths(
  ['f:apiVersion'], ['f:kind'], ['f:metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map((name) => ['f:metadata', `f:${name}`]),
);

export interface WriteAuthor {
  readonly manager: string;
  readonly subresource: string | undefined;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

/** Keeps `metadata.managedFields`, and applies configurations (kubernetes.io, "Server-Side Apply"). */
export class FieldManager {
  readonly #schemas: SchemaSet;
  readonly #types: FieldTypes;
  /** Of whole objects, as opposed to configurations. */
  readonly #wholeTypes: FieldTypes;
  readonly #custom = new WeakMap<CustomKind, FieldType>();

  constructor(schemas: SchemaSet) {
    this.#schemas = schemas;
    this.#types = new FieldTypes(schemas);
    this.#wholeTypes = new FieldTypes(schemas, true);
  }

  /** The object with what its author owns. Objects that nobody's fields were kept of stay so. */
  *updated(of: ResourceDefinition, current: KubeObject | undefined, next: KubeObject, author: WriteAuthor): PartsOfWork<KubeObject> {
    const asked = next.metadata.managedFields;
    if (current !== undefined && author.subresource === undefined && isReset(asked)) return withManagers(next, new Map());
    const kept = this.#tracked(current, author.subresource === undefined ? asked : undefined);
    if (kept.size === 0 && current !== undefined) return withManagers(next, kept);
    const id: ManagerId = { manager: author.manager, operation: 'Update', apiVersion: joinApiVersion(of.group, of.version), subresource: author.subresource ?? '' };
    const live = current === undefined ? undefined : asJson(withManagers(current, new Map()));
    const ignored = ignoredPaths(of, author.subresource);
    yield;
    const managers = yield* updateOwned(this.#typeOf(of, this.#wholeTypes), live, asJson(withManagers(next, new Map())), kept, keyOf(id), { ...id, time: author.now, fields: FieldSet.empty }, { ignored, unowned: SERVERS });
    yield;
    return withManagers(next, capped(managers));
  }

  /**
   * What is live with a configuration put over it.
   * @throws StatusError conflict, where others own what it names and it is not forced
   */
  *applied(of: ResourceDefinition, current: KubeObject | undefined, config: JsonObject, author: WriteAuthor, force: boolean): PartsOfWork<KubeObject> {
    this.#check(of, config);
    yield;
    const apiVersion = joinApiVersion(of.group, of.version);
    const empty: KubeObject = asObject({ apiVersion, kind: of.kind, metadata: {} });
    const live = current === undefined ? empty : withManagers(current, new Map());
    const kept = yield* this.#beforeApply(of, current, author.now);
    yield;
    const id: ManagerId = { manager: author.manager, operation: 'Apply', apiVersion, subresource: author.subresource ?? '' };
    const key = keyOf(id);
    const result = yield* applyOwned(this.#typeOf(of), asJson(live), config, kept, key, { ...id, time: kept.get(key)?.time, fields: FieldSet.empty }, ignoredPaths(of, author.subresource));
    if (result.conflicts.length > 0 && !force) throw conflict(result.conflicts);
    yield;
    const managers = stripped(result.managers, key);
    const mine = managers.get(key);
    const object = of.message === undefined ? result.object : withoutNulls(result.object);
    const timed = mine === undefined || (same(object, asJson(live)) && current !== undefined) ? managers : new Map(managers).set(key, { ...mine, time: author.now });
    yield;
    return withManagers(asObject(object), timed);
  }

  /**
   * An object with a configuration put over it, as apply would, whoever owns what; what is owned as one can't be changed in part.
   * @throws StatusError where it names what the kind lacks, or a list, map or structure that is replaced as one
   */
  overlaid(of: ResourceDefinition, object: KubeObject, config: JsonObject): Json {
    const named = { ...config, apiVersion: joinApiVersion(of.group, of.version), kind: of.kind };
    this.#check(of, named);
    const type = this.#typeOf(of);
    const atomic = atomicPaths(type, named);
    if (atomic.length > 0) throw badRequest(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`);
    return mergeValues(type, asJson(object), named) ?? {};
  }

  #typeOf({ message, custom }: ResourceDefinition, types = this.#types): FieldType {
    if (custom === undefined) return types.of(message);
    const known = this.#custom.get(custom) ?? customFieldType(compiledKind(custom).schema, this.#types.of('meta.v1.ObjectMeta'));
    this.#custom.set(custom, known);
    return known;
  }

  /** What an object had before anybody applied to it belongs to those who were there before. */
  *#beforeApply(of: ResourceDefinition, current: KubeObject | undefined, now: string): PartsOfWork<Managers> {
    const kept = this.#tracked(current, undefined);
    if (current === undefined || kept.size > 0) return kept;
    const id: ManagerId = { manager: BEFORE_APPLY, operation: 'Update', apiVersion: joinApiVersion(of.group, of.version), subresource: '' };
    const entry: ManagerEntry = { ...id, time: now, fields: FieldSet.empty };
    return yield* updateOwned(this.#typeOf(of), undefined, asJson(withManagers(current, new Map())), kept, keyOf(id), entry, { ignored: ignoredPaths(of, undefined), unowned: SERVERS });
  }

  /** A client that does not know managed fields, or writes wrong ones, changes none. */
  #tracked(current: KubeObject | undefined, asked: readonly JsonObject[] | undefined): Managers {
    const given = managersOrNone(asked);
    return given.size > 0 ? given : managersOrNone(current?.metadata.managedFields);
  }

  #check(of: ResourceDefinition, config: JsonObject): void {
    const metadata = config['metadata'] as JsonObject | undefined;
    if (metadata?.['managedFields'] !== undefined && metadata['managedFields'] !== null) throw badRequest('metadata.managedFields must be nil');
    const unknown = of.custom !== undefined ? unknownCustomFields(of.custom, config) : of.message === undefined ? [] : unknownFields(this.#schemas, of.message, config);
    if (unknown.length === 0) return;
    const name = `${String(metadata?.['namespace'] ?? '')}/${String(metadata?.['name'] ?? '')}; ${joinApiVersion(of.group, of.version)}, Kind=${of.kind}`;
    const faults = unknown.map((path) => `.${path}: field not declared in schema`);
    throw new StatusError('internal', `failed to create typed patch object (${name}): ${faults.length === 1 ? faults[0] : `errors:\n${faults.map((fault) => `  ${fault}`).join('\n')}`}`);
  }
}

/** To upstream's types null and absent are the same. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [name, each] of Object.entries(value)) if (each !== null && each !== undefined) kept[name] = withoutNulls(each);
  return kept;
}

function managersOrNone(list: readonly JsonObject[] | undefined): Managers {
  try {
    return parseManagers(list);
  } catch (thrown) {
    if (thrown instanceof StatusError) return new Map();
    throw thrown;
  }
}

function withManagers(object: KubeObject, managers: Managers): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata: { ...metadata, ...(managers.size === 0 ? {} : { managedFields: printManagers(managers) }) } as KubeObject['metadata'] };
}

/** Status is not the object's to write, and all else not the status's. */
function ignoredPaths(of: ResourceDefinition, subresource: string | undefined): FieldSet {
  if (subresource === 'status') return FieldSet.ofPaths(['f:spec']);
  return of.subresources.includes('status') ? FieldSet.ofPaths(['f:status']) : FieldSet.empty;
}

function stripped(managers: Managers, key: string): Managers {
  const entry = managers.get(key);
  if (entry === undefined) return managers;
  const fields = entry.fields.difference(SERVERS);
  const rest = new Map(managers);
  if (fields.isEmpty) rest.delete(key);
  else rest.set(key, { ...entry, fields });
  return rest;
}

/** The oldest updaters of a version become one where there are too many. */
function capped(managers: Managers): Managers {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update').sort(([, left], [, right]) => ((left.time ?? '') < (right.time ?? '') ? -1 : 1));
  const rest = new Map(managers);
  let excess = updaters.length - MOST_UPDATERS;
  const merged = new Map<string, string>();
  for (const [key, entry] of updaters) {
    if (excess <= 0) break;
    const bucketId: ManagerId = { manager: OLD_UPDATES, operation: 'Update', apiVersion: entry.apiVersion, subresource: '' };
    const bucket = keyOf(bucketId);
    const first = merged.get(entry.apiVersion);
    if (first === undefined) {
      merged.set(entry.apiVersion, key);
      continue;
    }
    const before = rest.get(bucket) ?? rest.get(first);
    rest.delete(first);
    rest.delete(key);
    rest.set(bucket, { ...bucketId, time: entry.time, fields: entry.fields.union(before?.fields ?? FieldSet.empty) });
    excess--;
  }
  return rest;
}

function conflict(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ owner, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${describeManager(owner)}`, field: pathText(path) }));
  return new StatusError('conflict', conflictMessage(conflicts), { causes });
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [only] = conflicts;
  if (conflicts.length === 1 && only !== undefined) return `Apply failed with 1 conflict: conflict with ${describeManager(only.owner)}: ${pathText(only.path)}`;
  const byOwner = Map.groupBy(conflicts, ({ owner }) => describeManager(owner));
  const lines = [...byOwner].sort(([left], [right]) => (left < right ? -1 : 1)).flatMap(([owner, list]) => [`conflicts with ${owner}:`, ...list.map(({ path }) => `- ${pathText(path)}`)]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

