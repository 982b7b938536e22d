import type { JsonObject } from '#base/json.ts';
import { specialFormOf, type FieldSchema, type Scalar } from '../schema.ts';
import type { SchemaSet } from '../schema-set.ts';
import { fieldsByName } from '../unknown-fields.ts';
import type { CustomSchema } from './custom-schema.ts';

const TYPES: Readonly<Record<Scalar, string>> = { string: 'string', bool: 'boolean', bytes: 'string', int32: 'integer', int64: 'integer', double: 'number' };

/** A type of upstream's API as expressions see it. One that holds itself is anything there. */
export function builtInSchema(schemas: SchemaSet, message: string): CustomSchema {
  const whole = schemaOf(schemas, message, new Map());
  const text = leaf('string');
  return { ...whole, properties: new Map([...whole.properties, ['apiVersion', text], ['kind', text]]) };
}

function leaf(type: string, more: Partial<CustomSchema> = {}, raw: JsonObject = {}): CustomSchema {
  return { raw, type, nullable: false, intOrString: false, preserves: false, embedded: false, properties: new Map(), additional: undefined, items: undefined, listType: '', listKeys: [], atomicMap: false, preset: undefined, rules: [], ...more };
}

const ANYTHING = leaf('', { nullable: true, preserves: true });

function schemaOf(schemas: SchemaSet, message: string, known: Map<string, CustomSchema>): CustomSchema {
  switch (specialFormOf(message)) {
    case 'time': case 'micro-time': return leaf('string', {}, { format: 'date-time' });
    case 'duration': return leaf('string');
    case 'strings': return leaf('array', { items: leaf('string') });
    case undefined: break;
    default: return ANYTHING;
  }
  const present = known.get(message);
  if (present !== undefined) return present;
  known.set(message, ANYTHING);
  const properties = new Map([...fieldsByName(schemas, schemas.get(message))].map(([name, field]) => [name, fieldSchema(schemas, field, known)]));
  const made = leaf('object', { properties });
  known.set(message, made);
  return made;
}

function fieldSchema(schemas: SchemaSet, { type, shape }: FieldSchema, known: Map<string, CustomSchema>): CustomSchema {
  const one = type.kind === 'scalar' ? leaf(TYPES[type.scalar], {}, type.scalar === 'bytes' ? { format: 'byte' } : {}) : schemaOf(schemas, type.name, known);
  return shape === 'list' ? leaf('array', { items: one }) : shape === 'map' ? leaf('object', { additional: one }) : one;
}
