import type { Json, JsonObject } from '#base/json.ts';
import type { FieldSchema } from '#cluster/kinds/schema.ts';
import { specialFormOf } from '#cluster/kinds/schema.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { fieldsByName } from '#cluster/kinds/unknown-fields.ts';
import { badRequest } from '../refusals.ts';
import { isObject, mergePatch } from './merge-patch.ts';

const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

type Fields = Record<string, Json>;

/**
 * A strategic merge patch (kubernetes.io, "Update API objects in place using kubectl patch"; community,
 * sig-api-machinery/strategic-merge-patch.md): lists of objects merge by the key that the type names.
 * @param name the message of the object, as `core.v1.Pod`
 */
export function strategicMergePatch(schemas: SchemaSet, name: string, target: Json, patch: Json): Json {
  if (!isObject(patch)) throw badRequest('a strategic merge patch is an object');
  return mergeObject(schemas, name, isObject(target) ? target : {}, patch);
}

function mergeObject(schemas: SchemaSet, name: string | undefined, target: JsonObject, patch: JsonObject): Json {
  const directive = patch[DIRECTIVE];
  if (directive === 'delete') return {};
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive !== undefined && directive !== 'merge') throw badRequest(`Unknown patch type found: ${JSON.stringify(directive)}`);
  const fields = name === undefined ? undefined : fieldsByName(schemas, schemas.get(name));
  const merged: Fields = Object.assign(Object.create(null) as Fields, target);
  keepOnly(merged, patch[RETAIN]);
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === RETAIN || key.startsWith(ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) deleteFrom(merged, key.slice(DELETE_FROM.length), value ?? null);
    else if (value === null || value === undefined) delete merged[key];
    else merged[key] = mergeField(schemas, fields?.get(key), Object.hasOwn(merged, key) ? merged[key] ?? null : null, value);
  }
  for (const [key, order] of Object.entries(patch)) if (key.startsWith(ORDER)) reorder(merged, key.slice(ORDER.length), order ?? null, target, fields);
  return merged;
}

function keepOnly(merged: Fields, retain: Json | undefined): void {
  if (!Array.isArray(retain)) return;
  const kept = new Set<Json>(retain);
  for (const key of Object.keys(merged)) if (!kept.has(key)) delete merged[key];
}

function deleteFrom(merged: Fields, key: string, values: Json): void {
  const list = merged[key];
  if (!Array.isArray(list) || !Array.isArray(values)) return;
  const gone = new Set(values.map(textOf));
  merged[key] = list.filter((each: Json) => !gone.has(textOf(each)));
}

function mergeField(schemas: SchemaSet, field: FieldSchema | undefined, target: Json, patch: Json): Json {
  const message = field?.type.kind === 'message' && specialFormOf(field.type.name) === undefined ? field.type.name : undefined;
  if (Array.isArray(patch)) return field?.shape === 'list' && field.patch?.merge === true ? mergeList(schemas, field, message, Array.isArray(target) ? target : [], patch) : withoutDirectives(patch);
  if (!isObject(patch)) return patch;
  if (field === undefined || field.shape === 'map' || message === undefined) return field?.shape === 'map' || field === undefined ? mergeObject(schemas, undefined, isObject(target) ? target : {}, patch) : mergePatch(target, patch);
  return mergeObject(schemas, message, isObject(target) ? target : {}, patch);
}

function mergeList(schemas: SchemaSet, field: FieldSchema, message: string | undefined, target: readonly Json[], patch: readonly Json[]): Json {
  const mergeKey = field.patch?.mergeKey;
  if (mergeKey === undefined) {
    const present = new Set(target.map(textOf));
    return inOrder([...target, ...patch.filter((value) => !present.has(textOf(value)))], patch, target, undefined);
  }
  if (patch.some((each) => isObject(each) && each[DIRECTIVE] === 'replace')) return patch.filter((each) => !(isObject(each) && each[DIRECTIVE] === 'replace')).map(withoutDirectives);
  const list: (Json | undefined)[] = [...target];
  const places = Map.groupBy(target.keys().filter((at) => isObject(target[at] as Json)), (at) => textOf((target[at] as JsonObject)[mergeKey]));
  for (const each of patch) {
    if (!isObject(each)) throw badRequest(`the list ${field.name} holds objects`);
    const key = each[mergeKey];
    if (key === undefined) throw badRequest(`map: ${JSON.stringify(each)} does not contain declared merge key: ${mergeKey}`);
    const found = places.get(textOf(key)) ?? [];
    const [at] = found;
    if (each[DIRECTIVE] === 'delete') {
      for (const place of found) list[place] = undefined;
      places.delete(textOf(key));
    } else if (at === undefined) {
      places.set(textOf(key), [list.length]);
      list.push(mergeObject(schemas, message, {}, each));
    } else list[at] = mergeObject(schemas, message, list[at] as JsonObject, each);
  }
  return inOrder(list.filter((each) => each !== undefined), patch, target, mergeKey);
}

/** What tells values of such lists apart, in one look however long the list is. */
const textOf = (value: Json | undefined): string => JSON.stringify(value ?? null);

function reorder(merged: Fields, key: string, order: Json, target: JsonObject, fields: ReadonlyMap<string, FieldSchema> | undefined): void {
  const list = merged[key];
  const before = target[key];
  if (Array.isArray(list) && Array.isArray(order)) merged[key] = inOrder(list, order, Array.isArray(before) ? before : [], fields?.get(key)?.patch?.mergeKey);
}

/**
 * Items that the patch names in its order, the others in theirs. Of two that stood in the list before, the earlier one stays
 * so; what is new comes before those that are not named (apimachinery, pkg/util/strategicpatch, `mergeSortedSlice`).
 */
function inOrder(list: readonly Json[], named: readonly Json[], before: readonly Json[], mergeKey: string | undefined): Json[] {
  const keyOf = (each: Json): string => JSON.stringify(mergeKey === undefined || !isObject(each) ? each : each[mergeKey] ?? null);
  const ranksIn = (order: readonly Json[]): Map<string, number> => new Map(order.map((each, rank) => [keyOf(each), rank] as const));
  const [asNamed, asBefore] = [ranksIn(named), ranksIn(before)];
  const ours = list.filter((each) => asNamed.has(keyOf(each))).sort((a, b) => (asNamed.get(keyOf(a)) ?? 0) - (asNamed.get(keyOf(b)) ?? 0));
  const result: Json[] = [];
  let taken = 0;
  for (const other of list.filter((each) => !asNamed.has(keyOf(each)))) {
    const rank = asBefore.get(keyOf(other)) ?? -1;
    while (taken < ours.length && !(rank >= 0 && rank < (asBefore.get(keyOf(ours[taken] as Json)) ?? -1))) result.push(ours[taken++] as Json);
    result.push(other);
  }
  return [...result, ...ours.slice(taken)];
}

function withoutDirectives(value: Json): Json {
  if (Array.isArray(value)) return value.filter((each: Json) => !(isObject(each) && each[DIRECTIVE] === 'delete')).map(withoutDirectives);
  if (!isObject(value)) return value;
  const clean: Fields = Object.create(null) as Fields;
  for (const [key, each] of Object.entries(value)) if (!key.startsWith('$') && each !== undefined && each !== null) clean[key] = withoutDirectives(each);
  return clean;
}
