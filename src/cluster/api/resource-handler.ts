import type { Clock, Timers } from '#base/clock.ts';
import { isKind } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { required, type KindRules } from '#cluster/kinds/kind-rules.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { knownPart } from '#cluster/kinds/unknown-fields.ts';
import { negotiate, type Accepted } from './accept.ts';
import { isTrue, json, single, type ApiRequest, type ApiResponse } from './api-request.ts';
import { readContinue, writeContinue } from './continue-token.ts';
import type { DeleteOptions } from './deletion-plan.ts';
import { checkConfiguration, checkFields } from './field-validation.ts';
import { matchesFields, parseFieldSelector } from './fields.ts';
import { matchesLabels, parseLabelSelector } from './labels.ts';
import { listText, TEXT_PAGE } from './list-text.ts';
import { pageOf } from './list-page.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectWriter, WriteOptions } from './object-writer.ts';
import { patched } from './patch/patched.ts';
import { readBody } from './read-body.ts';
import { badRequest, invalid, methodNotSupported } from './refusals.ts';
import type { ResourceRequest } from './request-info.ts';
import { partialOf, tableOf, type IncludeObject } from './table.ts';
import { watchEvents, type WatchEvent } from './watch-events.ts';

export interface HandlerParts {
  readonly objects: ObjectStore;
  readonly writer: ObjectWriter;
  readonly schemas: SchemaSet;
  readonly rulesOf: (of: ResourceDefinition) => KindRules;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Upstream draws between 30 and 60 minutes where a watch does not say. */
const WATCH_SECONDS = 1800;
const NS_PER_MS = 1_000_000n;
const APPLY = 'application/apply-patch+yaml';
const LONGEST_MANAGER = 128;

/** Reads and writes of objects under their plural name, the same for every kind. */
export class ResourceHandler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  async handle(of: ResourceDefinition, target: ResourceRequest, request: ApiRequest): Promise<ApiResponse> {
    const { method } = request;
    const isWatch = isTrue(request.query, 'watch');
    if (target.name === undefined) {
      if (method === 'GET') return isWatch ? await this.#watch(of, target, request) : await this.#list(of, target, request);
      if (method === 'POST') return await this.#create(of, target, request);
      if (method === 'DELETE') return await this.#deleteCollection(of, target, request);
      throw methodNotSupported(of, method.toLowerCase());
    }
    if (method === 'GET' || method === 'HEAD') return isWatch ? await this.#watch(of, target, request) : this.#answer(of, await this.#parts.objects.get(of, target.namespace, target.name), request, 200);
    if (method === 'PATCH' && isApply(request)) return await this.#apply(of, target, target.name, request);
    if (method === 'PUT' || method === 'PATCH') return await this.#update(of, target, target.name, request);
    if (method === 'DELETE') return await this.#delete(of, target, target.name, request);
    throw methodNotSupported(of, method.toLowerCase());
  }

  async #create(of: ResourceDefinition, target: ResourceRequest, request: ApiRequest): Promise<ApiResponse> {
    const { schemas } = this.#parts;
    const bytes = await request.body();
    const body = this.#typed(of, readBody(schemas, request.contentType, bytes));
    const warnings = [...checkFields(schemas, of, body, single(request.query, 'fieldValidation'), { contentType: request.contentType, bytes })];
    return this.#answer(of, await this.#parts.writer.create(of, target.namespace, withoutStatus(of, this.#known(of, body)), writeOptions(request, warnings)), request, 201, warnings);
  }

  async #update(of: ResourceDefinition, target: ResourceRequest, name: string, request: ApiRequest): Promise<ApiResponse> {
    const { writer, schemas } = this.#parts;
    const warnings: string[] = [];
    const bytes = await request.body();
    const check = (value: Json): KubeObject => {
      warnings.push(...checkFields(schemas, of, value, single(request.query, 'fieldValidation'), { contentType: request.contentType, bytes }, request.method === 'PATCH').filter((text) => !warnings.includes(text)));
      return this.#known(of, value);
    };
    const replacement = request.method === 'PUT' ? check(this.#typed(of, readBody(schemas, request.contentType, bytes))) : undefined;
    const mutate = (current: KubeObject): KubeObject => {
      if (replacement !== undefined) return replacement;
      const next = patched(schemas, of, asJson(current), request.contentType, bytes);
      // A patch that says nothing of the version is one that goes on top of whatever there is.
      return check(next);
    };
    return this.#answer(of, await writer.update(of, target.namespace, name, target.subresource, mutate, writeOptions(request, warnings)), request, 200, warnings);
  }

  async #apply(of: ResourceDefinition, target: ResourceRequest, name: string, request: ApiRequest): Promise<ApiResponse> {
    const { schemas, writer } = this.#parts;
    if ((single(request.query, 'fieldManager') ?? '') === '') throw invalid({ group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions' }, '', [required('fieldManager', 'is required for apply patch')]);
    const bytes = await request.body();
    const warnings = [...checkConfiguration(single(request.query, 'fieldValidation'), bytes)];
    const config = this.#typed(of, readBody(schemas, APPLY, bytes));
    const given = (config['metadata'] as { name?: Json }).name;
    if (given !== undefined && given !== name) throw badRequest(`the name of the object (${String(given)}) does not match the name on the URL (${name})`);
    const named = { ...config, metadata: { ...config['metadata'] as JsonObject, name } };
    const { object, isNew } = await writer.apply(of, target.namespace, name, target.subresource, { config: named, force: isTrue(request.query, 'force') }, writeOptions(request, warnings));
    return this.#answer(of, object, request, isNew ? 201 : 200, warnings);
  }

  async #delete(of: ResourceDefinition, target: ResourceRequest, name: string, request: ApiRequest): Promise<ApiResponse> {
    const { object, isGone } = await this.#parts.writer.delete(of, target.namespace, name, await this.#deleteOptions(request), writeOptions(request));
    if (!isGone || of.plural === 'pods') return this.#answer(of, object, request, 200);
    return json(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, ...(of.group === '' ? {} : { group: of.group }), kind: of.plural, uid: object.metadata.uid } });
  }

  async #deleteCollection(of: ResourceDefinition, target: ResourceRequest, request: ApiRequest): Promise<ApiResponse> {
    const matches = selection(of, target, request);
    const asked = await this.#deleteOptions(request);
    const list = await this.#parts.objects.list(of, target.namespace);
    const chosen = list.items.filter(matches);
    for (const { metadata } of chosen) {
      await this.#parts.writer.delete(of, metadata.namespace, metadata.name, asked, writeOptions(request)).catch((thrown: unknown) => {
        // Somebody else was faster.
        if (!isKind(thrown, 'not-found')) throw thrown;
      });
    }
    return json(200, this.#listBody(of, chosen, { resourceVersion: list.resourceVersion }));
  }

  async #list(of: ResourceDefinition, target: ResourceRequest, request: ApiRequest): Promise<ApiResponse> {
    const { objects } = this.#parts;
    const matches = selection(of, target, request);
    const limit = wholeNumber(request, 'limit');
    const token = single(request.query, 'continue');
    const at = token === undefined || token === '' ? undefined : readContinue(token);
    const { as, encoding } = negotiate(request.accept);
    if (as === undefined && encoding === 'application/json' && limit === undefined && at === undefined && isEverything(target, request)) {
      const first = await objects.texts(of, target.namespace, { limit: TEXT_PAGE });
      if (first.after !== undefined) return { kind: 'stream', contentType: encoding, chunks: listText(objects, of, target.namespace, first, this.#listHead(of, { resourceVersion: String(first.revision) })) };
    }
    const found = await pageOf(objects, { of, namespace: target.namespace, matches, limit: limit === 0 ? undefined : limit, at, isEverything: isEverything(target, request) });
    const metadata: JsonObject = { resourceVersion: found.resourceVersion, ...(found.after === undefined ? {} : { continue: writeContinue({ revision: Number(found.resourceVersion), after: found.after }), ...(found.remaining === undefined ? {} : { remainingItemCount: found.remaining }) }) };
    const chosen = found.items;
    if (as === 'Table') return json(200, this.#table(of, chosen, metadata, request));
    if (as === 'PartialObjectMetadataList') return json(200, { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: chosen.map(partialOf) });
    return json(200, this.#listBody(of, chosen, metadata));
  }

  async #watch(of: ResourceDefinition, target: ResourceRequest, request: ApiRequest): Promise<ApiResponse> {
    const { objects, timers } = this.#parts;
    const sendInitialEvents = isTrue(request.query, 'sendInitialEvents');
    if (sendInitialEvents && single(request.query, 'resourceVersionMatch') !== 'NotOlderThan') throw badRequest('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, and then it is NotOlderThan');
    const events = watchEvents(objects, timers, {
      of, namespace: target.namespace, matches: selection(of, target, request), resourceVersion: single(request.query, 'resourceVersion') ?? '', sendInitialEvents,
      bookmarks: isTrue(request.query, 'allowWatchBookmarks'), timeoutSeconds: wholeNumber(request, 'timeoutSeconds') ?? WATCH_SECONDS,
    });
    const accepted = negotiate(request.accept);
    return { kind: 'watch', events, render: (event) => this.#renderEvent(of, event, accepted, request) };
  }

  #renderEvent(of: ResourceDefinition, { type, object }: WatchEvent, { as }: Accepted, request: ApiRequest): Json {
    if (as === undefined || type === 'ERROR') return { type, object };
    if (as !== 'Table') return { type, object: type === 'BOOKMARK' ? { ...object, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } : partialOf(asObject(object)) };
    const metadata = { resourceVersion: asObject(object).metadata.resourceVersion };
    return { type, object: type === 'BOOKMARK' ? this.#table(of, [], (object as { metadata: JsonObject }).metadata, request) : this.#table(of, [asObject(object)], metadata, request) };
  }

  #answer(of: ResourceDefinition, object: KubeObject, request: ApiRequest, code: number, warnings: readonly string[] = []): ApiResponse {
    const { as } = negotiate(request.accept);
    if (as === 'Table') return json(code, this.#table(of, [object], { resourceVersion: object.metadata.resourceVersion }, request), warnings);
    const told = of.custom === undefined || of.custom.deprecation === '' ? warnings : [of.custom.deprecation, ...warnings];
    return json(code, as === 'PartialObjectMetadata' ? partialOf(object) : asJson(object), told);
  }

  #table(of: ResourceDefinition, objects: readonly KubeObject[], metadata: JsonObject, request: ApiRequest): JsonObject {
    const include = (single(request.query, 'includeObject') ?? 'Metadata') as IncludeObject;
    return tableOf(this.#parts.rulesOf(of), objects, metadata, include, Number(this.#parts.clock.nowNs() / NS_PER_MS));
  }

  #listBody(of: ResourceDefinition, items: readonly KubeObject[], metadata: JsonObject): JsonObject {
    return { ...this.#listHead(of, metadata), items: items.map(asJson) };
  }

  #listHead(of: ResourceDefinition, metadata: JsonObject): JsonObject {
    return { kind: of.custom?.listKind ?? `${of.kind}List`, apiVersion: joinApiVersion(of.group, of.version), metadata };
  }

  /** What a kind's type does not have is not kept. */
  #known(of: ResourceDefinition, value: Json): KubeObject {
    return asObject(of.message === undefined ? withKnownMetadata(this.#parts.schemas, value) : knownPart(this.#parts.schemas, of.message, value));
  }

  #typed(of: ResourceDefinition, body: JsonObject): JsonObject {
    const expected = joinApiVersion(of.group, of.version);
    const { apiVersion = expected, kind = of.kind, metadata } = body;
    if (apiVersion !== expected || kind !== of.kind) throw badRequest(`the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected}), or its kind (${String(kind)}) not ${of.kind}`);
    if (metadata !== undefined && (metadata === null || typeof metadata !== 'object' || Array.isArray(metadata))) throw badRequest('metadata is not an object');
    return { apiVersion: expected, kind: of.kind, ...body, metadata: metadata ?? {} };
  }

  async #deleteOptions(request: ApiRequest): Promise<DeleteOptions> {
    const bytes = await request.body();
    const body = bytes.length === 0 ? {} : readBody(this.#parts.schemas, request.contentType, bytes) as DeleteOptions;
    const grace = wholeNumber(request, 'gracePeriodSeconds');
    const policy = single(request.query, 'propagationPolicy');
    return { ...body, ...(grace === undefined ? {} : { gracePeriodSeconds: grace }), ...(policy === undefined ? {} : { propagationPolicy: policy }) };
  }
}

/** What has a path of its own for its status begins without one: nobody makes a pod that claims to run, at an address of another. */
function withoutStatus({ subresources }: ResourceDefinition, object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object;
  return subresources.includes('status') ? rest as KubeObject : object;
}

/** The rest is the schema's to prune. */
function withKnownMetadata(schemas: SchemaSet, value: Json): Json {
  const { metadata, ...rest } = value as JsonObject;
  return metadata === undefined ? value : { ...rest, metadata: knownPart(schemas, 'meta.v1.ObjectMeta', metadata, false) };
}

function selection(of: ResourceDefinition, { name }: ResourceRequest, { query }: ApiRequest): (object: KubeObject) => boolean {
  const labels = parseLabelSelector(single(query, 'labelSelector') ?? '');
  const fields = parseFieldSelector(single(query, 'fieldSelector') ?? '', of.face === undefined ? of.plural : '', of.face?.selectable ?? of.custom?.selectable.map((path) => path.replace(/^\./, '')));
  return (object) => (name === undefined || object.metadata.name === name) && matchesLabels(labels, object.metadata.labels ?? {}) && matchesFields(fields, object);
}

function isEverything({ name }: ResourceRequest, { query }: ApiRequest): boolean {
  return name === undefined && (single(query, 'labelSelector') ?? '') === '' && (single(query, 'fieldSelector') ?? '') === '';
}

function wholeNumber({ query }: ApiRequest, name: string): number | undefined {
  const text = single(query, name);
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number`);
  return Number(text);
}

const isApply = ({ contentType }: ApiRequest): boolean => contentType.split(';')[0]?.trim() === APPLY;

/** How a request asks to be written, and who it is. @param warnings takes what the client should be told of @throws StatusError */
export function writeOptions({ query, user, userAgent = '', annotate }: ApiRequest, warnings: string[] = []): WriteOptions {
  const dryRun = query.get('dryRun') ?? [];
  if (dryRun.some((value) => value !== 'All' && value !== '')) throw badRequest('dryRun: Unsupported value: supported values: "All"');
  const manager = single(query, 'fieldManager') ?? '';
  if (manager.length > LONGEST_MANAGER) throw badRequest(`fieldManager: Too long: may not be more than ${LONGEST_MANAGER} bytes`);
  // Upstream takes the program's name from the user agent where nothing is said.
  const named = manager === '' ? userAgent.split('/', 1)[0]?.slice(0, LONGEST_MANAGER) ?? '' : manager;
  return { dryRun: dryRun.includes('All'), user: user.name, requester: user, warn: (text) => void (warnings.includes(text) || warnings.push(text)), ...(annotate === undefined ? {} : { annotate }), ...(named === '' ? {} : { manager: named }) };
}
