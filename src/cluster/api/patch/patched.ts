import type { Json, JsonObject } from '#base/json.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { parseJson, textOf } from '../json-body.ts';
import { StatusError } from '../status.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const SUPPORTED = 'application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json';

/** The object with a patch of one of the kinds applied, by the body's media type. */
export function patched(schemas: SchemaSet, of: ResourceDefinition, current: JsonObject, contentType: string, bytes: Uint8Array): Json {
  switch (contentType.split(';')[0]?.trim()) {
    case 'application/json-patch+json': return jsonPatch(current, parseJson(textOf(bytes)));
    case 'application/merge-patch+json': return mergePatch(current, parseJson(textOf(bytes)));
    case 'application/strategic-merge-patch+json':
      if (of.message !== undefined) return strategicMergePatch(schemas, of.message, current, parseJson(textOf(bytes)));
      // Kinds of CustomResourceDefinitions name no merge keys.
  }
  throw new StatusError('invalid', `the body of the request was in an unknown format - accepted media types include: ${SUPPORTED}`, { code: 415, reason: 'UnsupportedMediaType' });
}
