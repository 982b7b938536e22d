import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { GantryError, messageOf } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { specialFormOf, type FieldSchema, type MessageSchema } from './schema.ts';
import type { SchemaSet } from './schema-set.ts';
import { decodeSpecial } from './special-decode.ts';

type Mutable = Record<string, Json>;
/** Deeper than any type of upstream's nests, and far from the end of the stack. */
const DEEPEST = 128;

/** What is left of what a message may have. */
interface Room {
  depth: number;
  values: number;
}

/**
 * A message in its protobuf form as the object that its JSON form parses to. Fields nobody knows are passed over, as
 * protobuf has it; zero values are left out where they mean the same as none.
 * @param most fields and items that it may have
 * @throws GantryError invalid for bytes that are no such message, too-large for one with more
 */
export function decodeMessage(schemas: SchemaSet, name: string, bytes: Uint8Array, most: number = Number.POSITIVE_INFINITY): Json {
  try {
    return decodeValue(schemas, name, bytes, { depth: DEEPEST, values: most });
  } catch (thrown) {
    if (thrown instanceof GantryError) throw thrown;
    throw new GantryError('invalid', `the body is no protobuf of ${name}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function decodeValue(schemas: SchemaSet, name: string, bytes: Uint8Array, room: Room): Json {
  if (room.depth < 0) throw new GantryError('invalid', `the body nests more than ${DEEPEST} levels deep`);
  room.depth -= 1;
  const value = decodeInside(schemas, name, bytes, room);
  room.depth += 1;
  return value;
}

function decodeInside(schemas: SchemaSet, name: string, bytes: Uint8Array, room: Room): Json {
  const special = specialFormOf(name);
  if (special === 'json-schema-or') return decodeSchemaOr(schemas, name, bytes, room);
  if (special !== undefined) return decodeSpecial(special, bytes);
  const target: Mutable = Object.create(null) as Mutable;
  decodeInto(schemas, schemas.get(name), bytes, target, room);
  return target;
}

function decodeInto(schemas: SchemaSet, schema: MessageSchema, bytes: Uint8Array, target: Mutable, room: Room): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const field = schema.fields.find((each) => each.number === number);
    if (field === undefined) reader.skip(wireType, number);
    else decodeField(schemas, field, reader, wireType, target, room);
  }
}

function decodeField(schemas: SchemaSet, field: FieldSchema, reader: BinaryReader, wireType: WireType, target: Mutable, room: Room): void {
  takeRoom(room);
  if (field.shape === 'map') {
    const entry = readEntry(schemas, field, reader.bytes(), room);
    ((target[field.name] ??= Object.create(null) as Mutable) as Mutable)[entry.key] = entry.value;
    return;
  }
  if (field.inline && field.type.kind === 'message') {
    decodeInto(schemas, schemas.get(field.type.name), reader.bytes(), target, room);
    return;
  }
  if (field.shape === 'list') {
    const list = (target[field.name] ??= []) as Json[];
    if (field.type.kind === 'scalar' && wireType === WireType.LengthDelimited && isPacked(field.type.scalar)) {
      const packed = new BinaryReader(reader.bytes());
      for (; packed.pos < packed.len; takeRoom(room)) list.push(readScalar(packed, field.type.scalar));
    } else list.push(readOne(schemas, field, reader, room));
    return;
  }
  const value = readOne(schemas, field, reader, room);
  if (field.pointer || !isZero(value) || isEmptyType(schemas, field)) target[field.name] = value;
}

function takeRoom(room: Room): void {
  room.values -= 1;
  if (room.values < 0) throw new GantryError('too-large', 'Request entity too large: the body has too many fields and items');
}

function readEntry(schemas: SchemaSet, field: FieldSchema, bytes: Uint8Array, room: Room): { key: string; value: Json } {
  const reader = new BinaryReader(bytes);
  let key = '';
  let value: Json | undefined;
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === 1) key = reader.string();
    else if (number === 2) value = readOne(schemas, field, reader, room);
    else reader.skip(wireType, number);
  }
  return { key, value: value ?? (field.type.kind === 'scalar' && field.type.scalar !== 'bool' && !field.type.scalar.startsWith('int') ? '' : null) };
}

function readOne(schemas: SchemaSet, field: FieldSchema, reader: BinaryReader, room: Room): Json {
  return field.type.kind === 'scalar' ? readScalar(reader, field.type.scalar) : decodeValue(schemas, field.type.name, reader.bytes(), room);
}

function readScalar(reader: BinaryReader, scalar: string): Json {
  switch (scalar) {
    case 'string': return reader.string();
    case 'bool': return reader.bool();
    case 'int32': return reader.int32();
    case 'int64': return Number(reader.int64());
    case 'double': return reader.double();
    default: return reader.bytes().toBase64();
  }
}

const isPacked = (scalar: string): boolean => scalar !== 'string' && scalar !== 'bytes';

function isZero(value: Json): boolean {
  if (value === '' || value === 0 || value === false || value === null) return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** Of a type without fields, an empty object is all that there can be. */
function isEmptyType(schemas: SchemaSet, { type }: FieldSchema): boolean {
  return type.kind === 'message' && schemas.find(type.name)?.fields.length === 0;
}

/** JSONSchemaPropsOrBool and its kin: one field of several is set, and its value stands alone in JSON. */
function decodeSchemaOr(schemas: SchemaSet, name: string, bytes: Uint8Array, room: Room): Json {
  const parts: Mutable = {};
  decodeInto(schemas, schemas.get(name), bytes, parts, room);
  return parts['schema'] ?? parts['jSONSchemas'] ?? parts['property'] ?? parts['allows'] ?? false;
}
