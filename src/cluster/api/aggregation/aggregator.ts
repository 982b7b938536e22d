import { messageOf } from '#base/error.ts';
import type { Clock, Timers } from '#base/clock.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Random } from '#base/random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { objectOf } from '../admission/pod-spec.ts';
import type { ApiRequest, ApiResponse, User } from '../api-request.ts';
import type { ObjectView } from '../object-view.ts';
import { same } from '../same.ts';
import { StatusError } from '../status.ts';
import type { AggregatedApis, AggregatedVersion, SwaggerPart } from './aggregated-apis.ts';
import type { AggregatedServers, ServerDocument } from './aggregated-servers.ts';
import { aggregatedTarget, type AggregatedTarget } from './aggregated-target.ts';
import { PASSED, unreachable, withAvailability, type Availability } from './availability.ts';
import { API_SERVICES, discoveryPath, registrationName, remoteApi, type RemoteApi } from './remote-api.ts';
import { aggregatedResources, listedResources } from './remote-discovery.ts';
import { remoteIn } from './remote-path.ts';

/** Its own registration can't be led elsewhere: nobody could mend it. */
const OWN_GROUP = 'apiregistration.k8s.io';
const AGGREGATOR: User = { name: 'system:kube-aggregator', groups: ['system:masters'] };
const READER: User = { name: 'system:aggregator', groups: [] };
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
const JSON_TYPE = 'application/json';
/** What changes without an object telling of it is seen then; a server that does not answer is asked again sooner, at first. */
const LOOK_EVERY_MS = 30_000;
const FIRST_RETRY_MS = 500;
/** Of several behind one service one may be ill. */
const MOST_TRIES = 3;

export interface AggregatorParts {
  readonly view: ObjectView;
  readonly servers: AggregatedServers;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Keeps the status of a registration. */
  readonly keep: (registration: KubeObject) => Promise<void>;
  readonly log: (line: string) => void;
}

/** What is known of one server beside its registration. */
interface Known {
  resources: readonly JsonObject[];
  isCurrent: boolean;
  /** Of its document of OpenAPI v3; empty where it has none. */
  openApiHash: string;
  failures: number;
  isLooking: boolean;
  isStale: boolean;
  cancel: () => void;
}

/** Servers of other groups behind the API: whether they are reached, what they have, and the way to them (kubernetes.io, "Kubernetes API Aggregation Layer"). */
export class Aggregator implements AggregatedApis {
  readonly #parts: AggregatorParts;
  readonly #known = new Map<string, Known>();
  #generation = 0;
  #isClosed = true;

  constructor(parts: AggregatorParts) {
    this.#parts = parts;
  }

  get generation(): number {
    return this.#generation;
  }

  /** From now on servers are asked. */
  open(): void {
    this.#isClosed = false;
    for (const { metadata } of this.#parts.view.list(API_SERVICES)) this.look(metadata.name);
  }

  close(): void {
    this.#isClosed = true;
    for (const { cancel } of this.#known.values()) cancel();
    this.#known.clear();
  }

  /** A registration has changed, come or gone. */
  registrationChanged(registration: KubeObject, previous: KubeObject | undefined): void {
    // What the API itself serves is told by its registry.
    if (remoteApi(registration) !== undefined || (previous !== undefined && remoteApi(previous) !== undefined)) this.#generation += 1;
    // Its status is what came of the last look.
    if (previous === undefined || previous === registration || !same(previous['spec'], registration['spec'])) this.look(registration.metadata.name);
  }

  /** A service, or who stands behind it, has changed. */
  serviceChanged(namespace: string | undefined, name: string): void {
    for (const remote of this.#remotes()) if (remote.namespace === namespace && remote.service === name) this.look(remote.name);
  }

  find(group: string, version: string): RemoteApi | undefined {
    const registration = group === OWN_GROUP ? undefined : this.#parts.view.get(API_SERVICES, undefined, registrationName(group, version));
    return registration === undefined ? undefined : remoteApi(registration);
  }

  list(): readonly AggregatedVersion[] {
    return this.#remotes().map((remote) => {
      const known = this.#known.get(remote.name);
      return { ...remote, resources: known?.resources ?? [], isCurrent: known?.isCurrent === true && remote.isAvailable, openApiHash: known?.openApiHash ?? '' };
    });
  }

  /** Leads a request to who serves it. @throws StatusError invalid where its path could be read in two ways */
  async answer(remote: RemoteApi, request: ApiRequest): Promise<ApiResponse> {
    const target = this.target(remote, request);
    if (target === undefined) return unavailable('service unavailable');
    try {
      return await this.#parts.servers.forward(target, request);
    } catch (thrown) {
      if (!(thrown instanceof StatusError) || thrown.kind !== 'unavailable') throw thrown;
      this.look(remote.name);
      return unavailable(thrown.message);
    }
  }

  /** @returns undefined where nobody is there to be led to @throws StatusError invalid where its path could be read in two ways */
  target(remote: RemoteApi, { path }: ApiRequest): AggregatedTarget | undefined {
    remoteIn(path);
    if (!remote.isAvailable) return undefined;
    try {
      return this.#target(remote);
    } catch {
      return undefined;
    }
  }

  async openApi(remote: RemoteApi): Promise<ApiResponse | undefined> {
    const document = await this.#document(remote, `/openapi/v3${discoveryPath(remote)}`);
    return document === undefined ? undefined : { kind: 'json', code: 200, body: document };
  }

  async swagger(): Promise<readonly SwaggerPart[]> {
    const byServer = Map.groupBy(this.#remotes().filter(({ isAvailable }) => isAvailable), ({ namespace, service, port }) => `${namespace}/${service}:${port}`);
    const parts = await Promise.all([...byServer.values()].map(async (remotes) => {
      const document = await this.#document(remotes[0] as RemoteApi, '/openapi/v2');
      if (document === undefined) return [];
      const isTheirs = (path: string): boolean => remotes.some((remote) => path === discoveryPath(remote) || path.startsWith(`${discoveryPath(remote)}/`));
      return [{ paths: objectEntries(document['paths']).filter(([path]) => isTheirs(path)), definitions: objectEntries(document['definitions']) }];
    }));
    return parts.flat();
  }

  /** Asks a server now, or once more when it has answered. */
  look(name: string): void {
    if (this.#isClosed) return;
    const registration = this.#parts.view.get(API_SERVICES, undefined, name);
    const remote = registration === undefined ? undefined : remoteApi(registration);
    const known = this.#known.get(name);
    if (remote === undefined) {
      known?.cancel();
      if (this.#known.delete(name)) this.#generation += 1;
      return;
    }
    const state: Known = known ?? { resources: [], isCurrent: false, openApiHash: '', failures: 0, isLooking: false, isStale: false, cancel: () => {} };
    this.#known.set(name, state);
    state.isStale = true;
    if (!state.isLooking) void this.#look(name, state);
  }

  async #look(name: string, state: Known): Promise<void> {
    const { view, log, timers } = this.#parts;
    state.isLooking = true;
    state.cancel();
    try {
      while (state.isStale && this.#known.get(name) === state) {
        state.isStale = false;
        const registration = view.get(API_SERVICES, undefined, name);
        const remote = registration === undefined ? undefined : remoteApi(registration);
        if (remote !== undefined) await this.#ask(remote, state);
      }
    } catch (thrown) {
      state.failures += 1;
      log(`APIService ${name}: ${messageOf(thrown)}`);
    } finally {
      state.isLooking = false;
    }
    if (this.#known.get(name) !== state) return;
    const delayMs = state.failures === 0 ? LOOK_EVERY_MS : Math.min(FIRST_RETRY_MS * 2 ** (state.failures - 1), LOOK_EVERY_MS);
    state.cancel = timers.after(delayMs, () => this.look(name));
  }

  async #ask(remote: RemoteApi, state: Known): Promise<void> {
    const { view, keep, clock } = this.#parts;
    const found = unreachable(view, remote) ?? await this.#discover(remote, state);
    state.failures = found.status === 'True' ? 0 : state.failures + 1;
    if (found.status === 'False') this.#learn(state, { isCurrent: false });
    const registration = view.get(API_SERVICES, undefined, remote.name);
    const told = registration === undefined || !same(remoteApi(registration)?.service, remote.service) ? undefined : withAvailability(registration, found, Number(clock.nowNs() / 1_000_000n));
    if (told !== undefined && !this.#isClosed) await keep(told);
  }

  async #discover(remote: RemoteApi, state: Known): Promise<Availability> {
    const path = discoveryPath(remote);
    const tried = new Set<string>();
    const start = this.#turn();
    let why = '';
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      try {
        const target = aggregatedTarget(this.#parts.view, remote, start + tries);
        if (tried.has(`${target.host} ${target.port}`)) break;
        tried.add(`${target.host} ${target.port}`);
        const url = `https://${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}${path}`;
        const asked = await this.#parts.servers.ask(target, path, JSON_TYPE, AGGREGATOR).catch((thrown: unknown) => {
          throw new StatusError('unavailable', `failing or missing response from ${url}: ${messageOf(thrown)}`);
        });
        if (asked.code < 200 || asked.code >= 300) throw new StatusError('unavailable', `failing or missing response from ${url}: bad status from ${url}: ${asked.code}`);
        this.#learn(state, { isCurrent: true, ...await this.#learned(target, remote, asked) });
        return PASSED;
      } catch (thrown) {
        why = messageOf(thrown);
      }
    }
    return { status: 'False', reason: 'FailedDiscoveryCheck', message: why };
  }

  /** What a server has, in the newer form where it speaks that. */
  async #learned(target: AggregatedTarget, remote: RemoteApi, listed: ServerDocument): Promise<Partial<Known>> {
    const { servers } = this.#parts;
    const { group, version } = remote;
    const read = async (path: string, accept: string): Promise<Json | undefined> => {
      const document = await servers.ask(target, path, accept, AGGREGATOR).catch(() => undefined);
      return document?.code === 200 ? parsed(document) : undefined;
    };
    const resources = aggregatedResources(await read('/apis', AGGREGATED), group, version) ?? listedResources(parsed(listed), group, version) ?? [];
    const paths = objectOf(objectOf(await read('/openapi/v3', JSON_TYPE))['paths']);
    const url = objectOf(paths[discoveryPath(remote).slice(1)])['serverRelativeURL'];
    return { resources, openApiHash: typeof url === 'string' ? (/[?&]hash=([\w-]+)/.exec(url)?.[1] ?? '0') : '' };
  }

  #learn(state: Known, learned: Partial<Known>): void {
    const isNews = !same({ ...state, ...learned }, state);
    Object.assign(state, learned);
    if (isNews) this.#generation += 1;
  }

  async #document(remote: RemoteApi, path: string): Promise<JsonObject | undefined> {
    if (!remote.isAvailable) return undefined;
    try {
      const document = await this.#parts.servers.ask(this.#target(remote), path, JSON_TYPE, READER);
      const body = document.code === 200 ? parsed(document) : undefined;
      return body === undefined ? undefined : objectOf(body);
    } catch (thrown) {
      this.#parts.log(`APIService ${remote.name}: ${path} is not read: ${messageOf(thrown)}`);
      return undefined;
    }
  }

  #target(remote: RemoteApi): AggregatedTarget {
    return aggregatedTarget(this.#parts.view, remote, this.#turn());
  }

  /** Which of several. */
  #turn(): number {
    const [high = 0, low = 0] = this.#parts.random.bytes(2);
    return high * 256 + low;
  }

  #remotes(): readonly RemoteApi[] {
    return this.#parts.view.list(API_SERVICES).map(remoteApi).filter((each) => each !== undefined && each.group !== OWN_GROUP) as readonly RemoteApi[];
  }
}

function parsed({ body }: ServerDocument): Json | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as Json;
  } catch {
    return undefined;
  }
}

const objectEntries = (value: Json | undefined): readonly (readonly [string, JsonObject])[] => Object.entries(objectOf(value)).map(([name, each]) => [name, objectOf(each)] as const);

/** As `http.Error` writes it. */
function unavailable(why: string): ApiResponse {
  return { kind: 'text', code: 503, body: `${why}\n`, contentType: 'text/plain; charset=utf-8' };
}
