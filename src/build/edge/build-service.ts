import type { Duplex } from 'node:stream';
import { GantryError, messageOf } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import type { Platform } from '#image/oci/platform.ts';
import type { Snapshots } from '#image/snapshot/port.ts';
import { classicSteps, type ClassicStep } from '#build/dockerfile/plan/classic-steps.ts';
import { platformText } from '#build/dockerfile/plan/platform-text.ts';
import { matcherOf, type KeptThing } from '../solver/collect.ts';
import type { BuildHistory, HistoryRecord } from '../solver/build-history.ts';
import { SOLVE_REQUEST, STATUS_RESPONSE } from '../wire/control.ts';
import { BRIDGE_SOLVE_REQUEST, RETURN_REQUEST } from '../wire/gateway.ts';
import { errorOfReturn, statusOf } from '../wire/grpc.ts';
import { decode, type Decoded, type Init } from '../wire/protobuf.ts';
import type { RESULT } from '../wire/gateway.ts';
import { ActiveBuild, type FrontendResult } from './active-build.ts';
import { SessionContext, type BuildContext } from './build-context.ts';
import { classicBuild, type ClassicEvent, type ClassicRequest } from './classic-build.ts';
import { DirectoryContext } from './directory-context.ts';
import { fetchContext, receiveContext } from './received-context.ts';
import { Collector } from './collector.ts';
import { importCache } from './cache/cache-transfer.ts';
import type { CacheOption } from './cache/cache-option.ts';
import { controlMethods } from './control-service.ts';
import { buildDockerfile, targetPlatforms } from './dockerfile-frontend.ts';
import { definitionOf, refOfDefinition } from './definition.ts';
import { exportResults } from './exporters.ts';
import { epochOf, readFrontendOptions, type FrontendOptions } from './frontend-options.ts';
import { gatewayMethods } from './gateway-service.ts';
import { serveGrpc, type CallContext, type Methods } from './grpc/server.ts';
import { resolveContext } from './named-context.ts';
import { resolveImage, type ResolvedBase } from './resolve-base.ts';
import type { BuildSession, Offer } from './session.ts';
import { SpareChildren } from './spare-children.ts';
import type { ExecutorPorts } from './step-executor.ts';
import { answerRequest } from './subrequest.ts';

export type SolveRequest = Decoded<typeof SOLVE_REQUEST>;
export type BridgeRequest = Decoded<typeof BRIDGE_SOLVE_REQUEST>;
type Returned = Decoded<typeof RETURN_REQUEST>;

export interface ServicePorts extends ExecutorPorts {
  readonly version: string;
  readonly snapshots: Pick<Snapshots, 'exportLayer' | 'compressLayer' | 'unpack' | 'layer'>;
  readonly hasher: Hasher;
  readonly history: BuildHistory;
  readonly log: (line: string) => void;
}

/** What a build knows of the results of its frontends, by platform; empty name: the only one. */
export interface SolvedResults {
  readonly results: readonly FrontendResult[];
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

interface Running {
  readonly build: ActiveBuild;
  readonly returned: PromiseWithResolvers<Returned>;
}

/** A build's calls and its status come on several streams, in any order. */
const PATIENCE_MS = 3000;
/** Results that builds of the same client may still stand on. */
const KEPT_RESULTS = 64;

/** The BuildKit protocol: builds of clients, which call on one connection and serve on another. */
export class BuildService {
  readonly ports: ServicePorts;
  readonly collector: Collector;
  readonly #methods: Methods;
  readonly #spare: SpareChildren;
  readonly #builds = new Map<string, Running>();
  readonly #waiting = new Map<string, PromiseWithResolvers<Running>>();
  readonly #results = new Map<string, { readonly build: ActiveBuild; readonly result: FrontendResult }>();

  constructor(ports: ServicePorts) {
    this.ports = ports;
    this.collector = new Collector({ ...ports, busyLayers: () => new Set(this.heldLayers()) });
    this.#spare = new SpareChildren(ports.trees);
    this.#methods = new Map([...controlMethods(this), ...gatewayMethods(this)]);
  }

  serve(socket: Duplex): void {
    serveGrpc(socket, this.#methods, this.ports.log);
  }

  async attach(socket: Duplex, offer: Offer): Promise<void> {
    await this.ports.sessions.attach(socket, offer);
  }

  get buildPlatform(): Platform {
    return { os: 'linux', architecture: this.ports.engine.info.facts.architecture };
  }

  /** Layers that running builds need. */
  heldLayers(): Iterable<string> {
    return [...this.#builds.values()].flatMap(({ build }) => [...build.heldLayers()]);
  }

  async find(ref: string): Promise<ActiveBuild> {
    return (await this.#find(ref)).build;
  }

  /** Control.Solve: runs until the client has returned a result and that is exported. */
  async solve(request: SolveRequest, { signal }: CallContext): Promise<Map<string, string>> {
    if (this.#builds.has(request.ref)) throw new GantryError('conflict', `build ID ${request.ref} exists`);
    const { clock } = this.ports;
    const build = new ActiveBuild(request, this.ports, clock);
    const running: Running = { build, returned: Promise.withResolvers() };
    running.returned.promise.catch(() => undefined);
    const stop = (): void => {
      build.abort();
      running.returned.reject(new GantryError('interrupted', 'context canceled'));
    };
    signal.addEventListener('abort', stop, { once: true });
    this.#builds.set(request.ref, running);
    this.#waiting.get(request.ref)?.resolve(running);
    this.#waiting.delete(request.ref);
    if (!request.internal) this.#spare.take();
    const remember = request.internal ? undefined : this.#remembering(build, request);
    try {
      const solved = request.frontend === '' ? await this.#returned(running) : await this.#direct(build, request);
      const epoch = epochOf(request.frontendAttrs.get('build-arg:SOURCE_DATE_EPOCH'));
      const response = await exportResults(build, solved, request, this.ports, epoch);
      remember?.(response, undefined);
      return response;
    } catch (thrown) {
      remember?.(new Map(), thrown);
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
      build.end();
      if (!request.internal) this.#spare.leave();
      void this.collector.collectByDefault().catch((thrown: unknown) => this.ports.log(`build cache: ${messageOf(thrown)}`));
      // Its status may be asked for still.
      setTimeout(() => this.#builds.delete(request.ref), PATIENCE_MS).unref();
    }
  }

  /** What a build tells as it goes on, or told when it is over. */
  async *status(ref: string, signal: AbortSignal): AsyncGenerator<Init<typeof STATUS_RESPONSE>> {
    const told = this.#builds.has(ref) ? undefined : await this.ports.history.log(ref);
    if (told === undefined) yield* (await this.find(ref)).progress.follow(signal);
    else yield decode(STATUS_RESPONSE, told);
  }

  /** What `GET /system/df` tells of builds. */
  async records(): Promise<readonly KeptThing[]> {
    return await this.collector.list();
  }

  /** `POST /build/prune`. */
  async prune({ all, keepNs, keepBytes, filters }: { readonly all: boolean; readonly keepNs: bigint; readonly keepBytes: number | undefined; readonly filters: readonly string[] }): Promise<readonly KeptThing[]> {
    return await this.collector.collect({ all, keepNs, keepBytes, matches: matcherOf(filters) });
  }

  /** `POST /build`. */
  classic(request: ClassicRequest): AsyncIterable<ClassicEvent> {
    return classicBuild(this, request);
  }

  /** A build that no client calls by its name. */
  async run<T>(build: ActiveBuild, work: () => Promise<T>): Promise<T> {
    this.#builds.set(build.ref, { build, returned: Promise.withResolvers() });
    try {
      return await work();
    } finally {
      build.end();
      this.#builds.delete(build.ref);
    }
  }

  /** Runs the Dockerfile of a context that is here. */
  async solveDirectory(build: ActiveBuild, attributes: ReadonlyMap<string, string>, context: BuildContext): Promise<SolvedResults & { readonly steps: readonly ClassicStep[] }> {
    const options = readFrontendOptions(attributes);
    const platform = targetPlatforms(options, this.buildPlatform)[0] as Platform;
    const { result, plan, evaluated } = await this.#dockerfile(build, options, { inputs: new Map(), platform, isMultiPlatform: false, context, session: undefined });
    return { results: [build.add(result)], metadata: new Map(), steps: classicSteps(plan, evaluated) };
  }

  /** LLBBridge.Solve: the graph of a Dockerfile, of which nothing has run. */
  async bridge(build: ActiveBuild, request: BridgeRequest): Promise<Init<typeof RESULT>> {
    if (request.frontend === '') {
      const id = request.definition === undefined || request.definition.def.length === 0 ? undefined : refOfDefinition(request.definition);
      if (request.definition !== undefined && request.definition.def.length > 0 && id === undefined) throw new GantryError('unimplemented', 'definitions of low-level operations are not executed here: build with a Dockerfile');
      if (id === undefined) return {};
      const known = this.resultOf(id);
      return { ref: { id: build.add(known.result).id, def: definitionOf(known.result.id) } };
    }
    build.asked = { frontend: request.frontend, attributes: request.frontendOpt };
    await importCache(build, [...request.cacheImports, ...importsOf(request.frontendOpt.get('cache-imports'))], this.ports);
    const { results, metadata } = await this.#frontend(build, request.frontend, request.frontendOpt, request.frontendInputs);
    if (request.evaluate) for (const result of results) await build.evaluate(result);
    for (const result of results) this.#keep(build, result);
    const refs = results.map((result) => ({ id: result.id, def: definitionOf(result.id) }));
    const isMap = metadata.has('refs.platforms') && results.length > 1;
    return isMap ? { refs: { refs: new Map(results.map(({ platform }, index) => [platform, refs[index] as (typeof refs)[number]])) }, metadata }
      : { ...(refs[0] === undefined ? {} : { ref: refs[0] }), metadata };
  }

  returnResult(ref: string, returned: Returned): void {
    this.#builds.get(ref)?.returned.resolve(returned);
  }

  /** A result of any build that is remembered. Throws `not-found`. */
  resultOf(id: string): { readonly build: ActiveBuild; readonly result: FrontendResult } {
    const known = this.#results.get(id);
    if (known === undefined) throw new GantryError('not-found', `no such ref: ${id}`);
    return known;
  }

  /** The record of a build, from its beginning; the answer ends it. */
  #remembering(build: ActiveBuild, { ref, frontend, frontendAttrs, exporters }: SolveRequest): (response: ReadonlyMap<string, string>, thrown: unknown) => void {
    const { history, clock, log } = this.ports;
    const begun: HistoryRecord = {
      ref, frontend, attributes: Object.fromEntries(frontendAttrs), exporters: exporters.map(({ type, attrs }) => ({ type, attributes: Object.fromEntries(attrs) })), createdNs: String(build.startedNs),
      response: {}, steps: build.progress.counts(), isPinned: false,
    };
    history.begin(begun);
    return (response, thrown) => {
      const { asked, progress } = build;
      const byBridge = frontend === '' ? { frontend: asked.frontend, attributes: Object.fromEntries(asked.attributes) } : {};
      const error = thrown === undefined ? {} : { error: { code: statusOf(thrown).code, message: messageOf(thrown) } };
      history.complete({ ...begun, ...byBridge, ...error, completedNs: String(clock.nowNs()), response: Object.fromEntries(response), steps: progress.counts() }, progress.transcript())
        .catch((failure: unknown) => log(`history of build ${ref}: ${messageOf(failure)}`));
    };
  }

  async #find(ref: string): Promise<Running> {
    const known = this.#builds.get(ref);
    if (known !== undefined) return known;
    const waiting = this.#waiting.get(ref) ?? Promise.withResolvers<Running>();
    this.#waiting.set(ref, waiting);
    waiting.promise.catch(() => undefined);
    const timer = setTimeout(() => {
      this.#waiting.delete(ref);
      waiting.reject(new GantryError('not-found', `no such job ${ref}`));
    }, PATIENCE_MS);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  async #returned({ build, returned }: Running): Promise<SolvedResults> {
    const { result, error } = await returned.promise;
    if (error !== undefined) throw errorOfReturn(error);
    const metadata = result?.metadata ?? new Map();
    const ids = [...(result?.ref === undefined ? [] : [['', result.ref.id] as const]), ...[...result?.refs?.refs ?? []].map(([platform, { id }]) => [platform, id] as const)];
    const results = ids.filter(([, id]) => id !== '').map(([platform, id]) => ({ ...build.find(id), ...(platform === '' ? {} : { platform }) }));
    // As they were made, and not as the client's map has them, which is by chance.
    const order = [...build.results.keys()];
    return { results: results.sort((left, right) => order.indexOf(left.id) - order.indexOf(right.id)), metadata };
  }

  /** A frontend that the client names instead of running it itself. */
  async #direct(build: ActiveBuild, request: SolveRequest): Promise<SolvedResults> {
    await importCache(build, [...request.cache?.imports ?? [], ...importsOf(request.frontendAttrs.get('cache-imports'))], this.ports);
    return await this.#frontend(build, request.frontend, request.frontendAttrs, request.frontendInputs);
  }

  async #frontend(build: ActiveBuild, frontend: string, attributes: ReadonlyMap<string, string>, inputs: BridgeRequest['frontendInputs']): Promise<SolvedResults> {
    const isOurs = frontend === 'dockerfile.v0' || (frontend === 'gateway.v0' && /^(docker\.io\/)?docker\/dockerfile(-upstream)?(:|@|$)/.test(attributes.get('source') ?? ''));
    if (!isOurs) throw new GantryError('unimplemented', `the frontend ${frontend === 'gateway.v0' ? attributes.get('source') ?? '' : frontend} is not supported: only dockerfile.v0, which is built in`);
    const options = readFrontendOptions(attributes);
    const { buildPlatform } = this;
    const platforms = targetPlatforms(options, buildPlatform);
    const session = await this.#sessionOf(build);
    const asked = options.request === undefined ? undefined : await this.#contextOf(build, options, session);
    const answer = asked === undefined ? undefined : await answerRequest(options, {
      evaluate: () => this.#dockerfile(build, options, { inputs, platform: platforms[0] as Platform, isMultiPlatform: false, context: asked, session }),
      source: () => asked.dockerfile(),
    });
    if (answer !== undefined) return { results: [], metadata: answer };
    const results: FrontendResult[] = [];
    const metadata = new Map<string, Uint8Array>();
    const utf8 = new TextEncoder();
    for (const platform of platforms) {
      const { result } = await this.#one(build, options, inputs, platform, platforms.length > 1);
      results.push(build.add(result));
      metadata.set(platforms.length > 1 ? `containerimage.config/${result.platform}` : 'containerimage.config', utf8.encode(result.configJson));
    }
    metadata.set('refs.platforms', utf8.encode(JSON.stringify({ Platforms: platforms.map((platform) => ({ ID: platformText(platform), Platform: { architecture: platform.architecture, os: platform.os, ...(platform.variant === undefined ? {} : { variant: platform.variant }) } })) })));
    return { results, metadata };
  }

  async #one(build: ActiveBuild, options: FrontendOptions, inputs: BridgeRequest['frontendInputs'], platform: Platform, isMultiPlatform: boolean): ReturnType<typeof buildDockerfile> {
    const session = await this.#sessionOf(build);
    return await this.#dockerfile(build, options, { inputs, platform, isMultiPlatform, context: await this.#contextOf(build, options, session), session });
  }

  async #sessionOf({ session }: ActiveBuild): Promise<BuildSession | undefined> {
    return session === '' ? undefined : await this.ports.sessions.find(session);
  }

  async #dockerfile(build: ActiveBuild, options: FrontendOptions, { inputs, platform: targetPlatform, isMultiPlatform, context, session }: DockerfileRun): ReturnType<typeof buildDockerfile> {
    const { engine } = this.ports;
    const resolved = new Map<string, Promise<ResolvedBase>>();
    return await buildDockerfile({
      build, options, context, buildPlatform: this.buildPlatform, targetPlatform, isMultiPlatform,
      resolve: async (base, platform) => {
        if (base.kind === 'context') return await resolveContext(base.name, { service: this, build, options, inputs, session, platform });
        const title = `[internal] load metadata for ${base.reference}`;
        return await once(resolved, `${base.reference} ${platformText(platform)}`, () => build.progress.around(title, () => resolveImage(engine, session, { ...base, platform, pulls: options.pull })));
      },
    });
  }

  async #contextOf(build: ActiveBuild, options: FrontendOptions, session: BuildSession | undefined): Promise<BuildContext> {
    const { progress, signal } = build;
    const { contexts, trees } = this.ports;
    if (options.remote === undefined) {
      if (session === undefined) throw new GantryError('invalid', 'the build has neither a session nor a context');
      return new SessionContext({ progress, contexts, session }, options);
    }
    const uploaded = /^http:\/\/buildkit-session(\/.*)$/.exec(options.remote)?.[1];
    const received = await progress.around(uploaded === undefined ? `[internal] load remote build context ${options.remote}` : '[internal] load remote build context', async () => {
      if (uploaded === undefined) return await fetchContext(options.remote as string, this.ports, signal);
      if (session === undefined) throw new GantryError('invalid', 'the build has no session to be uploaded by');
      return await receiveContext(uploadOf(session, uploaded), this.ports, signal);
    });
    build.lend(() => received.release());
    return new DirectoryContext({ progress, trees, signal }, received.path, options.fileName, received.dockerfile);
  }

  #keep(build: ActiveBuild, result: FrontendResult): void {
    this.#results.set(result.id, { build, result });
    for (const id of this.#results.keys()) {
      if (this.#results.size <= KEPT_RESULTS) return;
      this.#results.delete(id);
    }
  }
}

interface DockerfileRun {
  readonly inputs: BridgeRequest['frontendInputs'];
  readonly platform: Platform;
  readonly isMultiPlatform: boolean;
  readonly context: BuildContext;
  readonly session: BuildSession | undefined;
}

/** As clients that run no frontend of their own send them: JSON. */
function importsOf(json: string | undefined): readonly CacheOption[] {
  if (json === undefined || json === '') return [];
  try {
    const list = JSON.parse(json) as { readonly Type?: string; readonly Attrs?: Readonly<Record<string, string>> }[];
    return list.map(({ Type = '', Attrs = {} }) => ({ type: Type, attrs: new Map(Object.entries(Attrs)) }));
  } catch (cause) {
    throw new GantryError('invalid', 'failed to unmarshal cache-imports', { cause });
  }
}

async function* uploadOf(session: BuildSession, path: string): AsyncGenerator<Uint8Array> {
  const call = session.upload(path);
  call.end();
  for await (const { data } of call.messages) yield data;
}

/** Stages on the same image look it up together. */
function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
}
