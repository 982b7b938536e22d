import type { Json, JsonObject } from '#base/json.ts';
import { messageNameOf } from '#cluster/kinds/api-groups.ts';
import { decodeMessage } from '#cluster/kinds/proto-decode.ts';
import { openEnvelope } from '#cluster/kinds/proto-envelope.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { badRequest } from './refusals.ts';
import { StatusError } from './status.ts';
import { parseYaml } from './yaml-body.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const DEEPEST = 1000;

/** The object in a body, whatever its encoding. @throws StatusError */
export function readBody(schemas: SchemaSet, contentType: string, bytes: Uint8Array): JsonObject {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const value = type === PROTOBUF ? fromProtobuf(schemas, bytes) : isYaml(type) ? parseYaml(textOf(bytes)) : fromJson(type, bytes);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw badRequest('the body is not an object');
  return value as JsonObject;
}

export function isYaml(contentType: string): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  return type === 'application/yaml' || type === 'application/apply-patch+yaml';
}

function fromProtobuf(schemas: SchemaSet, bytes: Uint8Array): Json {
  const { apiVersion, kind, raw } = openEnvelope(schemas, bytes);
  const name = messageNameOf(apiVersion, kind);
  if (name === undefined || schemas.find(name) === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { ...(decodeMessage(schemas, name, raw) as JsonObject), apiVersion, kind };
}

function fromJson(type: string, bytes: Uint8Array): Json {
  if (type !== '' && !/^application\/(json|[a-z-]+\+json)$/.test(type)) {
    throw new StatusError('invalid', `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${PROTOBUF}`, { code: 415, reason: 'UnsupportedMediaType' });
  }
  return parseJson(textOf(bytes));
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Objects without a prototype's power: `__proto__` is a key like any other, as JSON.parse has it. */
export function parseJson(text: string): Json {
  if (text.trim() === '') throw badRequest('the request has no body');
  if (depthOf(text) > DEEPEST) throw badRequest(`the body nests more than ${DEEPEST} levels deep`);
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw badRequest(`the body is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** Of brackets outside of strings; an upper bound for text that is no JSON. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isQuoted) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isQuoted = false;
    } else if (code === 0x22) isQuoted = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}
