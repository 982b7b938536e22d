import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { specialFormOf, type FieldSchema, type MessageSchema, type Scalar } from './schema.ts';
import type { SchemaSet } from './schema-set.ts';
import { encodeSpecial } from './special-encode.ts';

/**
 * An object of the JSON form in its protobuf form, fields in the order of their numbers. Fields that the schema
 * doesn't have are left out.
 * @throws GantryError invalid for a value of the wrong type, with its path
 */
export function encodeMessage(schemas: SchemaSet, name: string, value: Json): Uint8Array {
  return encodeValue(schemas, name, value, '');
}

function encodeValue(schemas: SchemaSet, name: string, value: Json, path: string): Uint8Array {
  const special = specialFormOf(name);
  if (special === 'json-schema-or') return encodeSchemaOr(schemas, name, value, path);
  if (special !== undefined) return encodeSpecial(special, value, path);
  const writer = new BinaryWriter();
  writeMessage(schemas, schemas.get(name), objectAt(value, path), writer, path);
  return writer.finish();
}

function writeMessage(schemas: SchemaSet, schema: MessageSchema, value: JsonObject, writer: BinaryWriter, path: string): void {
  for (const field of [...schema.fields].sort((a, b) => a.number - b.number)) {
    if (field.inline && field.type.kind === 'message') writer.tag(field.number, WireType.LengthDelimited).bytes(encodeValue(schemas, field.type.name, value, path));
    else if (Object.hasOwn(value, field.name)) writeField(schemas, field, value[field.name] ?? null, writer, `${path}.${field.name}`);
  }
}

function writeField(schemas: SchemaSet, field: FieldSchema, value: Json, writer: BinaryWriter, path: string): void {
  if (value === null && !isRaw(field)) return;
  if (field.shape === 'list') {
    if (!Array.isArray(value)) throw wrong(path, 'a list');
    value.forEach((each: Json, at) => writeOne(schemas, field, field.number, each, writer, `${path}[${at}]`));
  } else if (field.shape === 'map') {
    for (const [key, each] of Object.entries(objectAt(value, path)).sort(([a], [b]) => (a < b ? -1 : 1))) {
      writer.tag(field.number, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(key);
      writeOne(schemas, field, 2, each ?? null, writer, `${path}.${key}`);
      writer.join();
    }
  } else writeOne(schemas, field, field.number, value, writer, path);
}

const isRaw = (field: FieldSchema): boolean => field.type.kind === 'message' && specialFormOf(field.type.name) === 'raw';

function writeOne(schemas: SchemaSet, field: FieldSchema, number: number, value: Json, writer: BinaryWriter, path: string): void {
  if (field.type.kind === 'message') writer.tag(number, WireType.LengthDelimited).bytes(encodeValue(schemas, field.type.name, value, path));
  else writeScalar(field.type.scalar, number, value, writer, path);
}

function writeScalar(scalar: Scalar, number: number, value: Json, writer: BinaryWriter, path: string): void {
  switch (scalar) {
    case 'string': writer.tag(number, WireType.LengthDelimited).string(typed(value, 'string', path)); return;
    case 'bool': writer.tag(number, WireType.Varint).bool(typed(value, 'boolean', path)); return;
    case 'int32': writer.tag(number, WireType.Varint).int32(integerAt(value, path)); return;
    case 'int64': writer.tag(number, WireType.Varint).int64(integerAt(value, path)); return;
    case 'double': writer.tag(number, WireType.Bit64).double(typed(value, 'number', path)); return;
    case 'bytes': writer.tag(number, WireType.LengthDelimited).bytes(bytesAt(value, path));
  }
}

interface Typed { readonly string: string; readonly boolean: boolean; readonly number: number }

function typed<Name extends keyof Typed>(value: Json, name: Name, path: string): Typed[Name] {
  if (typeof value !== name) throw wrong(path, `a ${name}`);
  return value as Typed[Name];
}

function integerAt(value: Json, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(path, 'a whole number');
  return value;
}

function bytesAt(value: Json, path: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(typed(value, 'string', path));
  } catch {
    throw wrong(path, 'base64 text');
  }
}

function objectAt(value: Json, path: string): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrong(path, 'an object');
  return value as JsonObject;
}

const wrong = (path: string, what: string): GantryError => new GantryError('invalid', `${path.replace(/^\./, '') || 'the value'} is not ${what}`);

function encodeSchemaOr(schemas: SchemaSet, name: string, value: Json, path: string): Uint8Array {
  const parts: JsonObject = typeof value === 'boolean' ? { allows: value }
    : !Array.isArray(value) ? { ...(name.endsWith('OrBool') ? { allows: true } : {}), schema: value }
    : name.endsWith('OrStringArray') ? { property: value } : { jSONSchemas: value };
  const writer = new BinaryWriter();
  writeMessage(schemas, schemas.get(name), parts, writer, path);
  return writer.finish();
}
