import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** The part of etcd's API (etcd.io, "etcd API reference", v3: `etcdserverpb`, `mvccpb`) that the store uses. Revisions stay below 2^53. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface RangeRequest {
  readonly key: string;
  /** All keys below it from `key` on; absent: the key alone. */
  readonly rangeEnd?: string;
  readonly limit?: number;
  readonly revision?: number;
  readonly countOnly?: boolean;
}

export interface RangeResponse {
  readonly revision: number;
  readonly entries: readonly KeyValue[];
  readonly more: boolean;
  /** Of all that are in the range. */
  readonly count: number;
}

export interface Compare {
  readonly key: string;
  readonly target: 'create' | 'mod';
  readonly result: 'equal' | 'not-equal';
  readonly revision: number;
}

export type RequestOp =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'delete'; readonly key: string; readonly rangeEnd?: string }
  | { readonly kind: 'get'; readonly key: string };

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

export interface TxnResponse {
  readonly revision: number;
  readonly succeeded: boolean;
  /** For each operation what was there before it, or is there. */
  readonly found: readonly (KeyValue | undefined)[];
}

export interface WatchCreate {
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: number;
}

export interface EtcdEvent {
  readonly key: string;
  readonly revision: number;
  /** Undefined where the key was deleted. */
  readonly entry: KeyValue | undefined;
  readonly previous: KeyValue | undefined;
}

export interface WatchResponse {
  readonly isCreated: boolean;
  readonly isCanceled: boolean;
  /** Above 0: where the watch asked to start is compacted away. */
  readonly compactRevision: number;
  readonly reason: string;
  readonly events: readonly EtcdEvent[];
}

const COMPARE_RESULT = { equal: 0, 'not-equal': 3 } as const;
const COMPARE_TARGET = { create: 1, mod: 2 } as const;
const REQUEST_FIELD = { get: 1, put: 2, delete: 3 } as const;
const DELETED = 1;

export function encodeRange({ key, rangeEnd, limit = 0, revision = 0, countOnly = false }: RangeRequest): Uint8Array {
  const writer = text(new BinaryWriter(), 1, key);
  if (rangeEnd !== undefined) text(writer, 2, rangeEnd);
  return flag(integer(integer(writer, 3, limit), 4, revision), 9, countOnly).finish();
}

export function decodeRange(bytes: Uint8Array): RangeResponse {
  let [revision, more, count] = [0, false, 0];
  const entries: KeyValue[] = [];
  each(bytes, (field, reader) => {
    if (field === 1) revision = readHeader(reader.bytes());
    else if (field === 2) entries.push(readKeyValue(reader.bytes()));
    else if (field === 3) more = reader.bool();
    else if (field === 4) count = Number(reader.int64());
    else return false;
    return true;
  });
  return { revision, entries, more, count };
}

export function encodeTxn({ compare, success, failure }: TxnRequest): Uint8Array {
  const writer = new BinaryWriter();
  for (const { key, target, result, revision } of compare) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int32(COMPARE_RESULT[result]).tag(2, WireType.Varint).int32(COMPARE_TARGET[target]);
    text(writer, 3, key).tag(target === 'create' ? 5 : 6, WireType.Varint).int64(revision).join();
  }
  for (const [field, ops] of [[2, success], [3, failure]] as const) for (const op of ops) writeOp(writer.tag(field, WireType.LengthDelimited).fork(), op).join();
  return writer.finish();
}

export function decodeTxn(bytes: Uint8Array): TxnResponse {
  let [revision, succeeded] = [0, false];
  const found: (KeyValue | undefined)[] = [];
  each(bytes, (field, reader) => {
    if (field === 1) revision = readHeader(reader.bytes());
    else if (field === 2) succeeded = reader.bool();
    else if (field === 3) found.push(readFound(reader.bytes()));
    else return false;
    return true;
  });
  return { revision, succeeded, found };
}

export function encodeCompaction(revision: number): Uint8Array {
  return integer(new BinaryWriter(), 1, revision).finish();
}

/** With what was there before each change. */
export function encodeWatchCreate({ key, rangeEnd, startRevision }: WatchCreate): Uint8Array {
  const create = flag(integer(text(text(new BinaryWriter(), 1, key), 2, rangeEnd), 3, startRevision), 6, true).finish();
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(create).finish();
}

export function decodeWatch(bytes: Uint8Array): WatchResponse {
  let [isCreated, isCanceled, compactRevision, reason] = [false, false, 0, ''];
  const events: EtcdEvent[] = [];
  each(bytes, (field, reader) => {
    if (field === 3) isCreated = reader.bool();
    else if (field === 4) isCanceled = reader.bool();
    else if (field === 5) compactRevision = Number(reader.int64());
    else if (field === 6) reason = reader.string();
    else if (field === 11) events.push(readEvent(reader.bytes()));
    else return false;
    return true;
  });
  return { isCreated, isCanceled, compactRevision, reason, events };
}

function writeOp(writer: BinaryWriter, op: RequestOp): BinaryWriter {
  text(writer.tag(REQUEST_FIELD[op.kind], WireType.LengthDelimited).fork(), 1, op.key);
  if (op.kind === 'put') flag(text(writer, 2, op.value), 4, true);
  if (op.kind === 'delete') {
    if (op.rangeEnd === undefined) flag(writer, 3, true);
    else text(writer, 2, op.rangeEnd);
  }
  return writer.join();
}

/** ResponseOp: the answers to a get, a put and a delete have their key-values in field 2, 2 and 3. */
function readFound(bytes: Uint8Array): KeyValue | undefined {
  let found: KeyValue | undefined;
  each(bytes, (kind, outer) => {
    each(outer.bytes(), (field, reader) => {
      if (field !== (kind === REQUEST_FIELD.delete ? 3 : 2)) return false;
      found = readKeyValue(reader.bytes());
      return true;
    });
    return true;
  });
  return found;
}

function readEvent(bytes: Uint8Array): EtcdEvent {
  let type = 0;
  let entry: KeyValue | undefined;
  let previous: KeyValue | undefined;
  each(bytes, (field, reader) => {
    if (field === 1) type = reader.int32();
    else if (field === 2) entry = readKeyValue(reader.bytes());
    else if (field === 3) previous = readKeyValue(reader.bytes());
    else return false;
    return true;
  });
  return { key: entry?.key ?? '', revision: entry?.modRevision ?? 0, entry: type === DELETED ? undefined : entry, previous };
}

function readKeyValue(bytes: Uint8Array): KeyValue {
  let [key, value, createRevision, modRevision] = ['', '', 0, 0];
  each(bytes, (field, reader) => {
    if (field === 1) key = reader.string();
    else if (field === 2) createRevision = Number(reader.int64());
    else if (field === 3) modRevision = Number(reader.int64());
    else if (field === 5) value = reader.string();
    else return false;
    return true;
  });
  return { key, value, createRevision, modRevision };
}

/** The revision that a response shows. */
function readHeader(bytes: Uint8Array): number {
  let revision = 0;
  each(bytes, (field, reader) => {
    if (field !== 3) return false;
    revision = Number(reader.int64());
    return true;
  });
  return revision;
}

/** @param take whether it has read the field; others are passed over */
function each(bytes: Uint8Array, take: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (!take(field, reader)) reader.skip(wire, field);
  }
}

function text(writer: BinaryWriter, field: number, value: string): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).string(value);
}

function integer(writer: BinaryWriter, field: number, value: number): BinaryWriter {
  return value === 0 ? writer : writer.tag(field, WireType.Varint).int64(value);
}

function flag(writer: BinaryWriter, field: number, value: boolean): BinaryWriter {
  return value ? writer.tag(field, WireType.Varint).bool(true) : writer;
}
