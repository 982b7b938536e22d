import type { JsonObject } from '#base/json.ts';
import { GantryError } from '#base/error.ts';
import { decodeMessage } from './proto-decode.ts';
import { encodeMessage } from './proto-encode.ts';
import type { SchemaSet } from './schema-set.ts';

/** `k8s\0`, and then a `runtime.Unknown` (apimachinery, pkg/runtime/serializer/protobuf). */
const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** @throws GantryError invalid for bytes without the magic number or with another content inside */
export function openEnvelope(schemas: SchemaSet, bytes: Uint8Array): Envelope {
  if (!MAGIC.every((byte, at) => bytes[at] === byte)) throw new GantryError('invalid', 'the body does not begin as application/vnd.kubernetes.protobuf does');
  const unknown = decodeMessage(schemas, 'runtime.Unknown', bytes.subarray(MAGIC.length)) as JsonObject;
  const encoding = unknown['contentEncoding'] ?? '';
  if (encoding !== '') throw new GantryError('invalid', `the body's contents are encoded as ${String(encoding)}, which is not supported`);
  return { apiVersion: String(unknown['apiVersion'] ?? ''), kind: String(unknown['kind'] ?? ''), raw: Uint8Array.fromBase64(String(unknown['raw'] ?? '')) };
}

export function sealEnvelope(schemas: SchemaSet, { apiVersion, kind, raw }: Envelope): Uint8Array {
  const unknown = encodeMessage(schemas, 'runtime.Unknown', { apiVersion, kind, raw: raw.toBase64(), contentEncoding: '', contentType: '' });
  const sealed = new Uint8Array(MAGIC.length + unknown.length);
  sealed.set(MAGIC);
  sealed.set(unknown, MAGIC.length);
  return sealed;
}
