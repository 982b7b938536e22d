import type { Json, JsonObject } from '#base/json.ts';
import { forbidden, invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import { isObject, listAt, objectAt, textAt, textsAt, valueAt } from '../rules/_fields.ts';
import { parseCustomSchema, type CustomSchema } from './custom-schema.ts';
import { pruned } from './prune.ts';
import { checkValue, patternOf } from './value-validation.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const LOGIC = ['allOf', 'anyOf', 'oneOf'] as const;
/** What says of what type a value is, and has no place below `allOf` and its kin. */
const STRUCTURE = ['title', 'description', 'default', 'additionalProperties', 'nullable', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type'];
const UNSUPPORTED = ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id', '$schema'];

/**
 * Why a schema does not say of every value of what type it is (kubernetes.io, "Specifying a structural schema").
 * @param path of the schema in its definition
 */
export function structuralFaults(raw: JsonObject, path: string): readonly FieldFault[] {
  const root = textAt(raw, 'type');
  if (root === '') return [required(`${path}.type`, 'must not be empty at the root')];
  if (root !== 'object') return [invalidValue(`${path}.type`, root, 'must be object at the root')];
  if (valueAt(raw, 'nullable') === true) return [forbidden(`${path}.nullable`, 'nullable cannot be true at the root')];
  const faults = [...schemaFaults(raw, path, 'at the root'), ...metadataFaults(objectAt(raw, 'properties', 'metadata'), `${path}.properties[metadata]`)];
  // Nothing can be held against a schema that is wrong itself.
  return faults.length > 0 ? faults : defaultFaults(parseCustomSchema(raw), path);
}

function schemaFaults(raw: JsonObject, path: string, where: string): readonly FieldFault[] {
  const type = textAt(raw, 'type');
  const isFree = valueAt(raw, 'x-kubernetes-int-or-string') === true || valueAt(raw, 'x-kubernetes-preserve-unknown-fields') === true;
  return [
    ...(type === '' && !isFree ? [required(`${path}.type`, `must not be empty for ${where}`)] : []),
    ...(type !== '' && !TYPES.includes(type) ? [notSupported(`${path}.type`, type, TYPES)] : []),
    ...(type !== '' && valueAt(raw, 'x-kubernetes-int-or-string') === true ? [invalidValue(`${path}.type`, type, 'must be empty if x-kubernetes-int-or-string is true')] : []),
    ...(valueAt(raw, 'x-kubernetes-preserve-unknown-fields') === false ? [invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined')] : []),
    ...UNSUPPORTED.filter((name) => valueAt(raw, name) !== undefined).map((name) => forbidden(`${path}.${name}`, `${name} is not supported`)),
    ...(valueAt(raw, 'uniqueItems') === true ? [forbidden(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')] : []),
    ...patternFaults(raw, path), ...listFaults(raw, path, type), ...partFaults(raw, path), ...logicFaults(raw, path),
  ];
}

function partFaults(raw: JsonObject, path: string): readonly FieldFault[] {
  const [properties, additional, items] = [objectAt(raw, 'properties'), valueAt(raw, 'additionalProperties'), valueAt(raw, 'items')];
  return [
    ...(additional === false ? [forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false')] : []),
    ...(additional !== undefined && additional !== false && Object.keys(properties).length > 0 ? [forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')] : []),
    ...(isObject(additional) ? schemaFaults(additional, `${path}.additionalProperties`, 'specified object fields') : []),
    ...Object.entries(properties).flatMap(([name, each]) => (isObject(each) ? schemaFaults(each, `${path}.properties[${name}]`, 'specified object fields') : [])),
    ...(Array.isArray(items) ? [forbidden(`${path}.items`, 'items must be a schema object and not an array')] : []),
    ...(isObject(items) ? schemaFaults(items, `${path}.items`, 'specified array items') : textAt(raw, 'type') === 'array' && !Array.isArray(items) ? [required(`${path}.items`, 'must be specified')] : []),
  ];
}

function patternFaults(raw: JsonObject, path: string): readonly FieldFault[] {
  const pattern = textAt(raw, 'pattern');
  if (pattern === '') return [];
  try {
    patternOf(pattern);
    return [];
  } catch (thrown) {
    return [invalidValue(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${thrown instanceof Error ? thrown.message : String(thrown)}`)];
  }
}

function listFaults(raw: JsonObject, path: string, type: string): readonly FieldFault[] {
  const [listType, keys, mapType] = [textAt(raw, 'x-kubernetes-list-type'), textsAt(raw, 'x-kubernetes-list-map-keys'), textAt(raw, 'x-kubernetes-map-type')];
  const items = objectAt(raw, 'items');
  const keyPath = `${path}.x-kubernetes-list-map-keys`;
  const faults: FieldFault[] = [];
  if (listType !== '' && !['atomic', 'set', 'map'].includes(listType)) faults.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'map', 'set']));
  if (listType !== '' && type !== 'array') faults.push(invalidValue(`${path}.type`, type, 'must be array if x-kubernetes-list-type is specified'));
  if (mapType !== '' && !['atomic', 'granular'].includes(mapType)) faults.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']));
  if (listType !== 'map') return keys.length === 0 ? faults : [...faults, forbidden(keyPath, 'must be empty if x-kubernetes-list-type is not map')];
  if (keys.length === 0) faults.push(required(keyPath, 'must not be empty if x-kubernetes-list-type is map'));
  if (textAt(items, 'type') !== 'object') faults.push(invalidValue(`${path}.items.type`, textAt(items, 'type'), 'must be object if parent array\'s x-kubernetes-list-type is map'));
  keys.forEach((key, index) => {
    const field = objectAt(items, 'properties', key);
    if (Object.keys(field).length === 0) faults.push(invalidValue(`${keyPath}[${index}]`, key, 'entries must all be names of item properties'));
    else if (!textsAt(items, 'required').includes(key) && valueAt(field, 'default') === undefined) faults.push(required(`${path}.items.properties[${key}].default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'));
  });
  return faults;
}

/** Below these there are values only, and no types. */
function logicFaults(raw: JsonObject, path: string): readonly FieldFault[] {
  const not = valueAt(raw, 'not');
  const parts: readonly (readonly [JsonObject, string])[] = [
    ...LOGIC.flatMap((name) => listAt(raw, name).map((part, index) => [part, `${path}.${name}[${index}]`] as const)),
    ...(isObject(not) ? [[not, `${path}.not`] as const] : []),
  ];
  const isIntOrString = valueAt(raw, 'x-kubernetes-int-or-string') === true;
  return parts.flatMap(([part, at]) => valueOnlyFaults(part, at, isIntOrString));
}

function valueOnlyFaults(part: JsonObject, path: string, mayHaveType: boolean): readonly FieldFault[] {
  const items = valueAt(part, 'items');
  return [
    ...(textAt(part, 'type') !== '' && !mayHaveType ? [forbidden(`${path}.type`, 'must be empty to be structural')] : []),
    ...STRUCTURE.filter((name) => valueAt(part, name) !== undefined).map((name) => forbidden(`${path}.${name}`, 'must be undefined to be structural')),
    ...Object.entries(objectAt(part, 'properties')).flatMap(([name, each]) => (isObject(each) ? valueOnlyFaults(each, `${path}.properties[${name}]`, false) : [])),
    ...(isObject(items) ? valueOnlyFaults(items, `${path}.items`, false) : []),
    ...logicFaults(part, path),
  ];
}

/** Of the metadata of an object, a schema may say how it is called, and nothing else. */
function metadataFaults(raw: JsonObject, path: string): readonly FieldFault[] {
  const others = Object.keys(raw).filter((name) => !['type', 'description', 'properties'].includes(name));
  const names = Object.keys(objectAt(raw, 'properties')).filter((name) => name !== 'name' && name !== 'generateName');
  return [
    ...others.map((name) => forbidden(`${path}.${name}`, 'must not be specified in a nested context of metadata')),
    ...(names.length === 0 ? [] : [forbidden(path, 'must not specify anything other than name and generateName, but metadata is implicitly specified')]),
  ];
}

/** A default is a value like any other: of its type, with nothing unknown in it. */
function defaultFaults(schema: CustomSchema, path: string): readonly FieldFault[] {
  const own = schema.preset === undefined ? [] : presetFaults(schema, schema.preset, `${path}.default`);
  return [
    ...own, ...[...schema.properties].flatMap(([name, each]) => defaultFaults(each, `${path}.properties[${name}]`)),
    ...(schema.additional === undefined || schema.additional.raw === undefined ? [] : defaultFaults(schema.additional, `${path}.additionalProperties`)),
    ...(schema.items === undefined ? [] : defaultFaults(schema.items, `${path}.items`)),
  ];
}

function presetFaults(schema: CustomSchema, preset: Json, path: string): readonly FieldFault[] {
  const unknown: string[] = [];
  pruned(preset, schema, unknown, '', schema.embedded);
  return unknown.length > 0 ? [invalidValue(path, preset, 'must not have unknown fields')] : checkValue(preset, schema, path);
}
