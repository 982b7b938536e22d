import type { Json, JsonObject } from '#base/json.ts';
import { asJson, asObject, timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import type { Clock } from '#base/clock.ts';
import { json } from './api-request.ts';
import type { SubresourceHandler } from './api-server.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectWriter } from './object-writer.ts';
import { patched } from './patch/patched.ts';
import { readBody } from './read-body.ts';
import { methodNotSupported } from './refusals.ts';
import { writeOptions } from './resource-handler.ts';

export interface ApprovalParts {
  readonly of: ResourceDefinition;
  readonly objects: ObjectStore;
  readonly writer: () => ObjectWriter;
  readonly schemas: SchemaSet;
  readonly clock: Clock;
}

/** `certificatesigningrequests/NAME/approval`: changes the conditions of a request and what is noted of it, and nothing else. */
export function certificateApproval({ of, objects, writer, schemas, clock }: ApprovalParts): SubresourceHandler {
  return async ({ name = '' }, request) => {
    if (request.method === 'GET') return json(200, asJson(await objects.get(of, undefined, name)));
    if (request.method !== 'PUT' && request.method !== 'PATCH') throw methodNotSupported(of, request.method.toLowerCase());
    const bytes = await request.body();
    const now = timeText(Number(clock.nowNs() / 1_000_000n));
    const change = (current: KubeObject): KubeObject => {
      const asked = (request.method === 'PUT' ? readBody(schemas, request.contentType, bytes) : patched(schemas, of, asJson(current), request.contentType, bytes)) as JsonObject;
      const conditions = conditionsOf(asked).map((condition) => ({ ...condition, status: condition['status'] ?? 'True', lastUpdateTime: condition['lastUpdateTime'] ?? now, lastTransitionTime: condition['lastTransitionTime'] ?? now }));
      const { resourceVersion = '', labels, annotations } = (asked['metadata'] ?? {}) as JsonObject;
      const noted = { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
      return asObject({ ...asJson(current), metadata: { ...asJson(current)['metadata'] as JsonObject, ...noted, resourceVersion }, status: { ...(asJson(current)['status'] ?? {}) as JsonObject, conditions } });
    };
    return json(200, asJson(await writer().update(of, undefined, name, 'status', change, writeOptions(request))));
  };
}

function conditionsOf(asked: JsonObject): readonly JsonObject[] {
  const { conditions } = (asked['status'] ?? {}) as JsonObject;
  return Array.isArray(conditions) ? (conditions as readonly Json[]).filter((each): each is JsonObject => each !== null && typeof each === 'object' && !Array.isArray(each)) : [];
}
