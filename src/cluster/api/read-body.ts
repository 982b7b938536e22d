import type { Json, JsonObject } from '#base/json.ts';
import { messageNameOf } from '#cluster/kinds/api-groups.ts';
import { decodeMessage } from '#cluster/kinds/proto-decode.ts';
import { openEnvelope } from '#cluster/kinds/proto-envelope.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { parseJson, textOf } from './json-body.ts';
import { badRequest } from './refusals.ts';
import { StatusError } from './status.ts';
import { MOST_VALUES } from './value-count.ts';
import { parseYaml } from './yaml-body.ts';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** The object in a body, whatever its encoding. @throws StatusError */
export function readBody(schemas: SchemaSet, contentType: string, bytes: Uint8Array): JsonObject {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const value = type === PROTOBUF ? fromProtobuf(schemas, bytes) : isYaml(type) ? parseYaml(bytes).value : fromJson(type, bytes);
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
  return { ...(decodeMessage(schemas, name, raw, MOST_VALUES) as JsonObject), apiVersion, kind };
}

function fromJson(type: string, bytes: Uint8Array): Json {
  if (type !== '' && !/^application\/(json|[a-z-]+\+json)$/.test(type)) {
    throw new StatusError('invalid', `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${PROTOBUF}`, { code: 415, reason: 'UnsupportedMediaType' });
  }
  return parseJson(textOf(bytes));
}
