import type { Clock } from '#base/clock.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Random } from '#base/random.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { userInfo } from '../access/access-reviews.ts';
import type { Action } from '../access/policy-rule.ts';
import { actionOf } from '../access/request-action.ts';
import { isObject } from '../admission/pod-spec.ts';
import type { ApiRequest, ApiResponse } from '../api-request.ts';
import { newUid } from '../names.ts';
import { parseJson, textOf } from '../json-body.ts';
import { PROTOBUF, readBody } from '../read-body.ts';
import { isYaml } from '../read-body.ts';
import { renderStatus } from '../status.ts';
import { auditVerdict, type AuditPolicy, type AuditStage, type AuditVerdict } from './audit-policy.ts';

export interface AuditParts {
  readonly policy: AuditPolicy;
  readonly schemas: SchemaSet;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes one event, as a line of JSON without its end. */
  readonly write: (line: string) => void;
}

/** Tells who asked for what, and what became of it (`audit.k8s.io/v1` `Event`). */
export class AuditLog {
  readonly #parts: AuditParts;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  /** Handles a request, and tells of it as the policy says. */
  async around(request: ApiRequest, handle: (request: ApiRequest) => Promise<ApiResponse>): Promise<ApiResponse> {
    const record = this.#begin(request);
    if (record === undefined) return await handle(request);
    record.tell('RequestReceived');
    return record.answered(await handle(record.request));
  }

  /** A connection that becomes another protocol's: told when it begins, or is refused. */
  async aroundUpgrade(request: ApiRequest, handle: (request: ApiRequest) => Promise<void>): Promise<void> {
    const record = this.#begin(request);
    if (record === undefined) return await handle(request);
    record.tell('RequestReceived');
    try {
      await handle(record.request);
      record.tell('ResponseStarted', { metadata: {}, code: 101 });
      record.tell('ResponseComplete', { metadata: {}, code: 101 });
    } catch (thrown) {
      record.refused(thrown);
      throw thrown;
    }
  }

  /** Somebody whom the server does not know. */
  unknown(request: ApiRequest, thrown: unknown): void {
    this.#begin(request)?.refused(thrown);
  }

  #begin(request: ApiRequest): Record | undefined {
    const action = actionIn(request);
    const verdict = auditVerdict(this.#parts.policy, request.user, action);
    return verdict.level === 'None' ? undefined : new Record(this.#parts, request, action, verdict);
  }
}

/** One request, as it is told stage by stage. */
class Record {
  readonly request: ApiRequest;
  readonly #parts: AuditParts;
  readonly #verdict: AuditVerdict;
  readonly #head: JsonObject;
  readonly #annotations = new Map<string, string>();
  #requestObject: Json | undefined;

  constructor(parts: AuditParts, request: ApiRequest, action: Action, verdict: AuditVerdict) {
    this.#parts = parts;
    this.#verdict = verdict;
    const { impersonation } = request;
    this.#head = {
      kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: verdict.level, auditID: newUid(parts.random), requestURI: request.uri ?? request.path, verb: action.verb, user: userInfo(request.user),
      ...(impersonation === undefined ? {} : { impersonatedUser: userInfo(impersonation) }), sourceIPs: [...request.sourceIps ?? []], userAgent: request.userAgent ?? '', ...referenceOf(action), requestReceivedTimestamp: this.#now(),
    };
    this.request = {
      ...request, annotate: (key, value) => void this.#annotations.set(key, value), body: async () => {
        const bytes = await request.body();
        if (verdict.level !== 'Metadata' && action.kind === 'resource') this.#requestObject = this.#objectIn(request, bytes);
        return bytes;
      },
    };
  }

  tell(stage: AuditStage, responseStatus?: JsonObject, responseObject?: Json): void {
    const { omitStages } = this.#verdict;
    if (omitStages.has(stage)) return;
    this.#parts.write(JSON.stringify({
      ...this.#head, stage, stageTimestamp: this.#now(), ...(responseStatus === undefined ? {} : { responseStatus }), ...(stage === 'RequestReceived' || this.#requestObject === undefined ? {} : { requestObject: this.#shown(this.#requestObject) }),
      ...(responseObject === undefined ? {} : { responseObject: this.#shown(responseObject) }), ...(this.#annotations.size === 0 ? {} : { annotations: Object.fromEntries(this.#annotations) }),
    }));
  }

  refused(thrown: unknown): void {
    const { code, body } = renderStatus(thrown);
    this.tell('ResponseComplete', statusOf(code, body));
  }

  /** @returns the answer, which tells of its end where it goes on for long */
  answered(answer: ApiResponse): ApiResponse {
    const status: JsonObject = { metadata: {}, code: 'code' in answer ? answer.code : 200 };
    if (answer.kind === 'json') {
      const isWhole = this.#verdict.level === 'RequestResponse' && this.#head['objectRef'] !== undefined;
      this.tell('ResponseComplete', answer.code >= 400 ? statusOf(answer.code, answer.body) : status, isWhole ? answer.body : undefined);
      return answer;
    }
    if (answer.kind === 'text') {
      this.tell('ResponseComplete', status);
      return answer;
    }
    this.tell('ResponseStarted', status);
    const end = (): void => this.tell('ResponseComplete', status);
    return answer.kind === 'watch' ? { ...answer, events: untilEnd(answer.events, end) } : { ...answer, chunks: untilEnd(answer.chunks, end) };
  }

  /** As JSON, whatever it was written in; a body that can't be read is refused by others. */
  #objectIn({ method, contentType }: ApiRequest, bytes: Uint8Array): Json | undefined {
    if (bytes.length === 0 || method === 'GET') return undefined;
    try {
      return contentType.startsWith(PROTOBUF) || isYaml(contentType) ? readBody(this.#parts.schemas, contentType, bytes) : parseJson(textOf(bytes));
    } catch {
      return undefined;
    }
  }

  #shown(value: Json): Json {
    if (!this.#verdict.omitManagedFields || !isObject(value)) return value;
    const { items } = value;
    return Array.isArray(items) ? { ...value, items: (items as readonly Json[]).map(withoutManagedFields) } : withoutManagedFields(value);
  }

  #now(): string {
    const ns = this.#parts.clock.nowNs();
    return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, -1)}${String((ns / 1000n) % 1000n).padStart(3, '0')}Z`;
  }
}

/** The status alone: what else an answer has is told where the policy wants it. */
function statusOf(code: number, body: JsonObject): JsonObject {
  const { status, message, reason, details } = body;
  return Object.fromEntries(Object.entries({ metadata: {}, status, message, reason, details, code }).filter(([, value]) => value !== undefined)) as JsonObject;
}

function withoutManagedFields(value: Json): Json {
  if (!isObject(value) || !isObject(value['metadata'])) return value;
  const { managedFields: _fields, ...metadata } = value['metadata'];
  return { ...value, metadata };
}

function referenceOf(action: Action): JsonObject {
  if (action.kind === 'path') return {};
  const { resource, namespace, name, group, version, subresource } = action;
  return { objectRef: Object.fromEntries(Object.entries({ resource, namespace, name, apiGroup: group, apiVersion: version, subresource }).filter(([, value]) => value !== '')) };
}

/** A path that can't be read names nothing. */
function actionIn(request: ApiRequest): Action {
  try {
    return actionOf(request);
  } catch {
    return { kind: 'path', verb: request.method.toLowerCase(), path: request.path };
  }
}

/** The same values; whoever leaves early is heard at once, and not after the next one. */
function untilEnd<T>(values: AsyncGenerator<T>, tell: () => void): AsyncGenerator<T> {
  let isOver = false;
  const end = (): void => {
    if (!isOver) tell();
    isOver = true;
  };
  return {
    next: async () => {
      const next = await values.next().catch((thrown: unknown) => {
        end();
        throw thrown;
      });
      if (next.done === true) end();
      return next;
    },
    return: async (value: unknown) => {
      end();
      return await values.return(value);
    },
    throw: async (thrown: unknown) => {
      end();
      return await values.throw(thrown);
    },
    [Symbol.asyncIterator]() { return this; },
    async [Symbol.asyncDispose]() { await this.return(undefined); },
  };
}
