import type { Hasher } from '#base/hasher.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { TypeTexts } from '#cluster/kinds/type-texts.ts';
import { negotiate } from './accept.ts';
import type { RequestGuard } from './access/request-guard.ts';
import type { AggregatedApis } from './aggregation/aggregated-apis.ts';
import type { RemoteApi } from './aggregation/remote-api.ts';
import { groupVersionIn } from './aggregation/remote-path.ts';
import { json, type ApiRequest, type ApiResponse } from './api-request.ts';
import { aggregatedDiscovery, coreVersions, groupDocument, groupList, resourceList } from './discovery.ts';
import { healthAnswer } from './health-checks.ts';
import { labelsOf } from './metrics/request-labels.ts';
import { RequestMetrics } from './metrics/request-metrics.ts';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { openApiV2 } from './openapi-v2.ts';
import { badRequest, methodNotSupported } from './refusals.ts';
import { parseResourcePath, type ResourceRequest } from './request-info.ts';
import type { HandlerParts } from './resource-handler.ts';
import { ResourceHandler, writeOptions } from './resource-handler.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import { scale } from './scale.ts';
import { servedGroups, type ServedVersion } from './served-groups.ts';
import { renderStatus, StatusError } from './status.ts';

/** The release of Kubernetes whose API this is. */
export const KUBERNETES_VERSION = { major: '1', minor: '36', gitVersion: 'v1.36.4' } as const;

/** What is asked by a review has no name, and so no row in a table. */
const NO_FORMS: ReadonlySet<string> = new Set();

/** Parts of an object that are read and written like it. */
const PARTS: ReadonlySet<string> = new Set(['status', 'ephemeralcontainers', 'finalize', 'resize']);
const PART_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'PATCH']);

/** An answer of its own for one subresource of one kind: `pods/binding`, `pods/log`. */
export type SubresourceHandler = (target: ResourceRequest, request: ApiRequest) => Promise<ApiResponse>;

export interface ApiServerParts extends HandlerParts {
  readonly registry: ResourceRegistry;
  readonly hasher: Hasher;
  /** By `group/plural/subresource`, the core group's name being empty; of reviews by `group/plural`. */
  readonly special: ReadonlyMap<string, SubresourceHandler>;
  readonly version: Readonly<Record<string, string>>;
  /** Further documents, by their paths. */
  readonly documents?: ReadonlyMap<string, JsonObject>;
  /** Further lines of `/metrics`: what is known of the process. */
  readonly gauges?: () => string;
  /** Who may do what; everybody everything where there is none. */
  readonly guard?: RequestGuard;
  /** What other servers behind this one serve. */
  readonly aggregated?: AggregatedApis;
}

/** The whole API of a cluster, from a request to an answer; sockets are the edge's. */
export class ApiServer {
  readonly #parts: ApiServerParts;
  readonly #resources: ResourceHandler;
  readonly #metrics = new RequestMetrics();
  #textHash: string | undefined;
  #served: { readonly generation: string; readonly groups: ReadonlyMap<string, readonly ServedVersion[]>; readonly hash: string } | undefined;

  constructor(parts: ApiServerParts) {
    this.#parts = parts;
    this.#resources = new ResourceHandler(parts);
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    const { clock, registry } = this.#parts;
    const began = clock.monotonicMs();
    const done = this.#metrics.begin(labelsOf(request, registry));
    const answer = await this.#answer(request);
    done('code' in answer ? answer.code : 200, (clock.monotonicMs() - began) / 1000);
    return answer;
  }

  async #answer(request: ApiRequest): Promise<ApiResponse> {
    try {
      return await this.#route(this.#parts.guard?.admit(request) ?? request);
    } catch (thrown) {
      const { code, body } = renderStatus(thrown);
      return json(code, body);
    }
  }

  async #route(request: ApiRequest): Promise<ApiResponse> {
    const remote = this.#remote(groupVersionIn(request.path));
    if (remote !== undefined) return await this.#parts.aggregated?.answer(remote, request) ?? noResource();
    const target = parseResourcePath(request.path);
    if (target !== undefined) return await this.#resource(target, request);
    if (request.method !== 'GET' && request.method !== 'HEAD') throw badRequest(`${request.method} is not allowed on ${request.path}`);
    const answer = await healthAnswer(this.#parts.objects, request) ?? this.#document(request) ?? await this.#openApi(request);
    return answer ?? noResource();
  }

  async #resource(target: ResourceRequest, request: ApiRequest): Promise<ApiResponse> {
    const of = this.#parts.registry.find(target.group, target.version, target.plural);
    if (of === undefined || (of.namespaced !== (target.namespace !== undefined) && target.name !== undefined)) throw new StatusError('not-found', 'the server could not find the requested resource');
    if (of.isReview) negotiate(request.accept, NO_FORMS);
    const special = this.#parts.special.get([of.group, of.plural, target.subresource].filter((part) => part !== undefined).join('/'));
    if (special !== undefined) return await special(target, request);
    if (target.subresource === 'scale' && of.subresources.includes('scale')) return await scale(this.#parts, of, target, request, writeOptions(request));
    if (of.isReview) throw methodNotSupported(of, request.method.toLowerCase());
    if (target.subresource !== undefined) {
      if (!PARTS.has(target.subresource) || !of.subresources.some((each) => each === target.subresource)) throw new StatusError('not-found', 'the server could not find the requested resource');
      if (!PART_METHODS.has(request.method)) throw methodNotSupported(of, request.method.toLowerCase());
    }
    return await this.#resources.handle(of, target, request);
  }

  #document(request: ApiRequest): ApiResponse | undefined {
    const { registry, version, documents } = this.#parts;
    const further = documents?.get(request.path);
    if (further !== undefined) return json(200, further);
    const [first, second, third] = partsOf(request.path);
    switch (first) {
      case undefined: return json(200, { paths: ['/api', '/apis', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version'] });
      case 'metrics': return second === undefined ? { kind: 'text', code: 200, body: this.#metrics.text() + (this.#parts.gauges?.() ?? ''), contentType: 'text/plain; version=0.0.4; charset=utf-8' } : undefined;
      case 'version': return json(200, { ...KUBERNETES_VERSION, gitCommit: '', gitTreeState: 'clean', buildDate: '', compiler: '', goVersion: '', platform: '', ...version });
      case 'api':
        if (second !== undefined) return third === undefined && second === 'v1' ? json(200, resourceList(registry, '', 'v1')) : undefined;
        return this.#discovered(request, true) ?? json(200, coreVersions);
      case 'apis': {
        if (second === undefined) return this.#discovered(request, false) ?? json(200, groupList(this.#groups().groups));
        if (third !== undefined) return registry.inGroupVersion(second, third).length === 0 ? undefined : json(200, resourceList(registry, second, third));
        const group = groupDocument(this.#groups().groups, second);
        return group === undefined ? undefined : json(200, group);
      }
      default: return undefined;
    }
  }

  async #openApi(request: ApiRequest): Promise<ApiResponse | undefined> {
    const [first, second, third, ...rest] = partsOf(request.path);
    if (first !== 'openapi' || (second !== 'v3' && (second !== 'v2' || third !== undefined))) return undefined;
    const { registry, schemas, aggregated } = this.#parts;
    // What only these documents say is no part of the memory of a cluster that nobody asks for them.
    const { textsByGroup } = await import('#cluster/kinds/texts/texts-by-group.ts');
    const texts = new TypeTexts(textsByGroup);
    if (second === 'v2') return openApiV2(request.accept, schemas, texts, registry, KUBERNETES_VERSION.gitVersion, await aggregated?.swagger());
    if (third === undefined) return json(200, openApiIndex(this.#groups().groups, this.#documentHash(textsByGroup)));
    const [group, name] = third === 'api' ? ['', rest[0]] : [rest[0], rest[1]];
    const remote = group === undefined || name === undefined ? undefined : this.#remote({ group, version: name });
    if (remote !== undefined) return await aggregated?.openApi(remote);
    return group === undefined || name === undefined || registry.inGroupVersion(group, name).length === 0 ? undefined : json(200, openApiDocument(schemas, texts, registry, group, name));
  }

  #discovered(request: ApiRequest, isCore: boolean): ApiResponse | undefined {
    if (negotiate(request.accept).as !== 'APIGroupDiscoveryList') return undefined;
    const { groups, hash } = this.#groups();
    return { kind: 'json', code: 200, body: aggregatedDiscovery(this.#parts.registry, groups, isCore), contentType: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList', etag: `"${hash}"` };
  }

  #remote(named: { readonly group: string; readonly version: string } | undefined): RemoteApi | undefined {
    return named === undefined ? undefined : this.#parts.aggregated?.find(named.group, named.version);
  }

  /** All that is served, and a hash of it, which changes when a kind comes or goes. */
  #groups(): { readonly groups: ReadonlyMap<string, readonly ServedVersion[]>; readonly hash: string } {
    const { registry, hasher, aggregated } = this.#parts;
    const generation = `${registry.generation} ${aggregated?.generation ?? 0}`;
    // The schemas of custom kinds can be megabytes, and clients ask often.
    if (this.#served?.generation !== generation) {
      const remotes = aggregated?.list() ?? [];
      const told = remotes.length === 0 ? registry.list() : [registry.list(), remotes];
      this.#served = { generation, groups: servedGroups(registry, remotes), hash: hasher.sha256(new TextEncoder().encode(JSON.stringify(told))).toUpperCase() };
    }
    return this.#served;
  }

  /** Clients keep these documents as long as it is the same: it changes with the descriptions too, which a newer release may have. */
  #documentHash(texts: Readonly<Record<string, readonly string[]>>): string {
    const hash = (value: Json): string => this.#parts.hasher.sha256(new TextEncoder().encode(JSON.stringify(value))).toUpperCase();
    return hash([this.#groups().hash, this.#textHash ??= hash(texts)]);
  }
}

const partsOf = (path: string): string[] => path.split('/').slice(1).filter((part) => part !== '');
function noResource(): never {
  throw new StatusError('not-found', 'the server could not find the requested resource');
}
