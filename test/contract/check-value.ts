import { formatFault } from './check-format.ts';
import type { Definitions, Schema } from './schema.ts';

export interface Fault {
  /** Where it is: `[]` is any element of an array, `{}` any value of a map. Empty is the whole. */
  readonly place: string;
  readonly message: string;
}

const PREFIX = '#/definitions/';

/**
 * What is wrong with a JSON value by a schema of Swagger 2.0. Stricter in one way: a field that an object's schema
 * does not name is a fault, unless the schema says what further fields are; else a misspelt field would pass.
 * @throws Error for a schema that makes no sense: the description is wrong then, not the value
 */
export function checkValue(schema: Schema, value: unknown, definitions: Definitions, place = ''): Fault[] {
  const { $ref, ...beside } = schema;
  // A reference stands alone, but the description puts x-nullable beside some.
  if (value === null && schema['x-nullable'] === true) return [];
  if ($ref !== undefined) return checkValue(resolve($ref, definitions), value, definitions, place).concat(beside.enum === undefined ? [] : checkEnum(beside, value, place));
  if (schema.allOf !== undefined || schema.properties !== undefined || schema.additionalProperties !== undefined || schema.type === 'object') return checkObject(schema, value, definitions, place);
  if (schema.type === undefined) return [];
  if (value === null) return [{ place, message: `is null, not ${schema.type}` }];
  if (schema.type === 'array') return checkArray(schema, value, definitions, place);
  return checkScalar(schema, value, place);
}

function resolve($ref: string, definitions: Definitions): Schema {
  const name = $ref.slice(PREFIX.length);
  if (!$ref.startsWith(PREFIX) || !Object.hasOwn(definitions, name)) throw new Error(`the description has no ${$ref}`);
  return definitions[name] as Schema;
}

/** What an object may have, of all parts that make its schema. */
interface Shape {
  readonly properties: Map<string, Schema>;
  readonly required: Set<string>;
  additional: Schema | boolean | undefined;
}

function collect(schema: Schema, definitions: Definitions, shape: Shape): Shape {
  if (schema.$ref !== undefined) return collect(resolve(schema.$ref, definitions), definitions, shape);
  for (const part of schema.allOf ?? []) collect(part, definitions, shape);
  for (const [name, property] of Object.entries(schema.properties ?? {})) shape.properties.set(name, property);
  for (const name of schema.required ?? []) shape.required.add(name);
  shape.additional ??= schema.additionalProperties;
  return shape;
}

function checkObject(schema: Schema, value: unknown, definitions: Definitions, place: string): Fault[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ place, message: `is ${kindOf(value)}, not object` }];
  const { properties, required, additional } = collect(schema, definitions, { properties: new Map(), required: new Set(), additional: undefined });
  const faults: Fault[] = [...required].filter((name) => !Object.hasOwn(value, name)).map((name) => ({ place: within(place, name), message: 'is missing' }));
  for (const [name, field] of Object.entries(value)) {
    const property = properties.get(name);
    if (property !== undefined) faults.push(...checkValue(property, field, definitions, within(place, name)));
    else if (typeof additional === 'object') faults.push(...checkValue(additional, field, definitions, `${place}{}`));
    else if (additional === false || (additional === undefined && properties.size > 0)) faults.push({ place: within(place, name), message: 'is not described' });
  }
  return faults;
}

function checkArray(schema: Schema, value: unknown, definitions: Definitions, place: string): Fault[] {
  if (!Array.isArray(value)) return [{ place, message: `is ${kindOf(value)}, not array` }];
  const faults: Fault[] = [];
  if (value.length < (schema.minItems ?? 0)) faults.push({ place, message: `has ${value.length} items, fewer than ${schema.minItems}` });
  if (value.length > (schema.maxItems ?? Infinity)) faults.push({ place, message: `has ${value.length} items, more than ${schema.maxItems}` });
  if (schema.items !== undefined) for (const item of value) faults.push(...checkValue(schema.items, item, definitions, `${place}[]`));
  return faults;
}

function checkScalar(schema: Schema, value: unknown, place: string): Fault[] {
  const kind = kindOf(value);
  const fits = schema.type === 'number' ? kind === 'number' || kind === 'integer' : kind === schema.type;
  if (!fits) return [{ place, message: `is ${kind}, not ${schema.type}` }];
  const faults = checkEnum(schema, value, place);
  const wrong = (message: string | undefined): void => void (message !== undefined && faults.push({ place, message }));
  wrong(formatFault(schema.format, value));
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) wrong(`does not match ${schema.pattern}`);
    if (value.length < (schema.minLength ?? 0) || value.length > (schema.maxLength ?? Infinity)) wrong(`is ${value.length} characters long`);
  }
  if (typeof value === 'number' && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))) wrong(`${value} is out of range`);
  return faults;
}

function checkEnum(schema: Schema, value: unknown, place: string): Fault[] {
  return schema.enum === undefined || schema.enum.includes(value) ? [] : [{ place, message: `${JSON.stringify(value)} is none of ${schema.enum.join(', ')}` }];
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function within(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
