import { RE2JS } from '@bufbuild/re2';
import type { Json, JsonObject } from '#base/json.ts';
import { duplicate, invalidValue, notSupported, required, tooLong, type FieldFault } from '../kind-rules.ts';
import { isObject, listAt, numberAt, objectAt, textAt, textsAt, valueAt } from '../rules/_fields.ts';
import { sameJson } from '../rules/_workload-validation.ts';
import { fieldSchema, itemKey, type CustomSchema } from './custom-schema.ts';
import { isOfFormat } from './formats.ts';

const MOST_FAULTS = 100;
const TYPE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * What a value lacks of its schema, in upstream's words.
 * @param old what it was: what has not changed may stay as it is (kubernetes.io, "Validation ratcheting")
 */
export function checkValue(value: Json, schema: CustomSchema, path = '', old?: Json): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  visit(value, schema, path, old, faults, true);
  return faults.slice(0, MOST_FAULTS);
}

function visit(value: Json, schema: CustomSchema, path: string, old: Json | undefined, faults: FieldFault[], isWhole: boolean): void {
  if (faults.length >= MOST_FAULTS || (old !== undefined && sameJson(value, old))) return;
  if (value === null && (schema.nullable || (schema.type === '' && !schema.intOrString))) return;
  const type = schema.intOrString ? (typeof value === 'string' || Number.isInteger(value) ? undefined : 'integer,string') : wrongType(value, schema.type);
  if (type !== undefined) {
    faults.push(invalidValue(path === '' ? '<nil>' : path, typeName(value), `${path} in body must be of type ${type}: ${JSON.stringify(typeName(value))}`));
    return;
  }
  faults.push(...checkOne(value, schema.raw, path), ...logicFaults(value, schema.raw, path));
  if (Array.isArray(value)) visitList(value as readonly Json[], schema, path, old, faults);
  else if (isObject(value)) visitObject(value, schema, path, old, faults, isWhole);
}

function visitObject(value: JsonObject, schema: CustomSchema, path: string, old: Json | undefined, faults: FieldFault[], isWhole: boolean): void {
  for (const [name, each] of Object.entries(value)) {
    const field = isWhole && TYPE_FIELDS.has(name) ? undefined : fieldSchema(schema, name);
    if (field !== undefined) visit(each ?? null, field, path === '' ? name : `${path}.${name}`, isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined, faults, field.embedded);
  }
}

function visitList(value: readonly Json[], schema: CustomSchema, path: string, old: Json | undefined, faults: FieldFault[]): void {
  const { items, listType } = schema;
  const before = new Map(listType === 'map' && Array.isArray(old) ? (old as readonly Json[]).map((item) => [itemKey(schema, item), item] as const) : []);
  const seen = new Set<string>();
  value.forEach((item, index) => {
    const at = `${path}[${index}]`;
    const key = listType === 'map' ? itemKey(schema, item) : listType === 'set' ? JSON.stringify(item) : undefined;
    if (key !== undefined) {
      if (seen.has(key)) faults.push(duplicate(at, listType === 'map' ? Object.fromEntries(schema.listKeys.map((name) => [name, valueAt(item, name)])) : item));
      seen.add(key);
    }
    if (items !== undefined) visit(item, items, at, key === undefined ? undefined : before.get(key), faults, items.embedded);
  });
}

function wrongType(value: Json, type: string): string | undefined {
  switch (type) {
    case '': return undefined;
    case 'integer': return typeof value === 'number' && Number.isInteger(value) ? undefined : type;
    case 'number': return typeof value === 'number' ? undefined : type;
    case 'array': return Array.isArray(value) ? undefined : type;
    case 'object': return isObject(value) ? undefined : type;
    default: return typeof value === type ? undefined : type;
  }
}

export function typeName(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
}

/** What a schema says of a value of the right type, beside its parts. */
function checkOne(value: Json, raw: JsonObject, path: string): readonly FieldFault[] {
  const body = `${path} in body`;
  const wrong = (why: string): FieldFault => invalidValue(path === '' ? '<nil>' : path, value, `${body} ${why}`);
  const options = valueAt(raw, 'enum');
  const faults: FieldFault[] = [];
  if (Array.isArray(options) && !(options as readonly Json[]).some((option) => sameJson(option, value))) faults.push(notSupported(path, value, (options as readonly Json[]).map((option) => (typeof option === 'string' ? option : JSON.stringify(option)))));
  if (typeof value === 'number') faults.push(...checkNumber(value, raw, wrong));
  if (typeof value === 'string') faults.push(...checkText(value, raw, path, wrong));
  if (Array.isArray(value)) faults.push(...checkSize(value.length, raw, path, 'Items', wrong));
  if (isObject(value)) {
    faults.push(...checkSize(Object.keys(value).length, raw, path, 'Properties', wrong));
    for (const name of textsAt(raw, 'required')) if (!Object.hasOwn(value, name)) faults.push(required(path === '' ? name : `${path}.${name}`));
  }
  return faults;
}

function checkNumber(value: number, raw: JsonObject, wrong: (why: string) => FieldFault): readonly FieldFault[] {
  const [most, least, multiple] = [valueAt(raw, 'maximum'), valueAt(raw, 'minimum'), valueAt(raw, 'multipleOf')];
  const [below, above] = [valueAt(raw, 'exclusiveMaximum') === true, valueAt(raw, 'exclusiveMinimum') === true];
  return [
    ...(typeof most === 'number' && (below ? value >= most : value > most) ? [wrong(`should be less than ${below ? '' : 'or equal to '}${most}`)] : []),
    ...(typeof least === 'number' && (above ? value <= least : value < least) ? [wrong(`should be greater than ${above ? '' : 'or equal to '}${least}`)] : []),
    ...(typeof multiple === 'number' && multiple > 0 && !Number.isInteger(value / multiple) ? [wrong(`should be a multiple of ${multiple}`)] : []),
    ...(textAt(raw, 'format') === 'int32' && (value > 2_147_483_647 || value < -2_147_483_648) ? [wrong('must be of type int32')] : []),
  ];
}

function checkText(value: string, raw: JsonObject, path: string, wrong: (why: string) => FieldFault): readonly FieldFault[] {
  const [most, least, pattern, format] = [valueAt(raw, 'maxLength'), valueAt(raw, 'minLength'), textAt(raw, 'pattern'), textAt(raw, 'format')];
  const length = [...value].length;
  return [
    ...(typeof most === 'number' && length > most ? [tooLong(path, most)] : []),
    ...(typeof least === 'number' && length < least ? [wrong(`should be at least ${least} chars long`)] : []),
    ...(pattern !== '' && !patternOf(pattern).test(value) ? [wrong(`should match '${pattern}'`)] : []),
    ...(format !== '' && !isOfFormat(value, format) ? [wrong(`must be of type ${format}: ${JSON.stringify(value)}`)] : []),
  ];
}

function checkSize(size: number, raw: JsonObject, path: string, what: 'Items' | 'Properties', wrong: (why: string) => FieldFault): readonly FieldFault[] {
  const [most, least] = [valueAt(raw, `max${what}`), valueAt(raw, `min${what}`)];
  const name = what.toLowerCase();
  return [
    ...(typeof most === 'number' && size > most ? [{ reason: 'FieldValueTooMany', field: path, message: `Too many: ${size}: must have at most ${most} ${name}` } as const] : []),
    ...(typeof least === 'number' && size < least ? [wrong(`should have at least ${least} ${name}`)] : []),
  ];
}

/** `allOf` and its kin say more of a value, and nothing of its type. */
function logicFaults(value: Json, raw: JsonObject, path: string): readonly FieldFault[] {
  const wrong = (why: string): FieldFault => invalidValue(path === '' ? '<nil>' : path, isObject(value) || Array.isArray(value) ? typeName(value) : value, `${path} in body must ${why}`);
  const holds = (part: JsonObject): boolean => partFaults(value, part, path).length === 0;
  const [all, any, one, not] = [listAt(raw, 'allOf'), listAt(raw, 'anyOf'), listAt(raw, 'oneOf'), valueAt(raw, 'not')];
  const valid = one.filter(holds).length;
  return [
    ...(all.every(holds) ? [] : [...all.flatMap((part) => partFaults(value, part, path)), wrong('validate all the schemas (allOf)')]),
    ...(any.length === 0 || any.some(holds) ? [] : [wrong('validate at least one schema (anyOf)')]),
    ...(one.length === 0 || valid === 1 ? [] : [wrong(`validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`)]),
    ...(isObject(not) && holds(not) ? [wrong('not validate the schema (not)')] : []),
  ];
}

function partFaults(value: Json, part: JsonObject, path: string): readonly FieldFault[] {
  const type = textAt(part, 'type');
  if (type !== '' && wrongType(value, type) !== undefined) return [invalidValue(path, typeName(value), `${path} in body must be of type ${type}: ${JSON.stringify(typeName(value))}`)];
  const inner: FieldFault[] = [...checkOne(value, part, path), ...logicFaults(value, part, path)];
  if (isObject(value)) {
    for (const [name, field] of Object.entries(objectAt(part, 'properties'))) if (isObject(field) && Object.hasOwn(value, name)) inner.push(...partFaults(value[name] ?? null, field, path === '' ? name : `${path}.${name}`));
  }
  const items = valueAt(part, 'items');
  if (Array.isArray(value) && isObject(items)) (value as readonly Json[]).forEach((item, index) => inner.push(...partFaults(item, items, `${path}[${index}]`)));
  return inner;
}

const patterns = new Map<string, RE2JS>();
const MOST_PATTERNS = 1000;

/** Linear in the length of the text, as upstream's: a pattern of JavaScript's may take for ever. @throws where it is none */
export function patternOf(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const made = new RE2JS(pattern);
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(pattern, made);
  return made;
}

export const numberOr = (raw: JsonObject, name: string, otherwise: number): number => (typeof valueAt(raw, name) === 'number' ? numberAt(raw, name) : otherwise);
