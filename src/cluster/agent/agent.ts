import type { Clock, Timers } from '#base/clock.ts';
import { isKind, messageOf } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { claimsOfPod, volumeSpec } from '#cluster/controllers/volume-shape.ts';
import { keyOf, splitKey } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import { WorkQueue } from '#cluster/loop/work-queue.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { contextOf, lowerContainer, lowerSandbox, resourcesOf, type PodPlace } from './lower.ts';
import { Making } from './making.ts';
import type { NodePort } from './node-port.ts';
import { containersOfPod, LABEL, SANDBOX_NAME, type ObservedContainer } from './observed.ts';
import { environmentOf } from './env.ts';
import { podImage } from './pod-image.ts';
import { planPod, type PodAction } from './plan.ts';
import { podStatus } from './pod-status.ts';
import { containerNamed, isOver, specOf, statusOf } from './pod.ts';
import { PodEvents, type EventWrites } from './pod-events.ts';
import { PodProbes } from './pod-probes.ts';
import type { PodIsolation } from './policy/policy-keeper.ts';
import { PodVolumes } from './pod-volumes.ts';
import { Prober } from './prober.ts';
import { isRejected } from './rejection.ts';
import { isResizeAsked, resizeOf, resizeVerdict, type NodeRoom, type ResizeVerdict } from './resize.ts';
import { SharedPulls } from './shared-pulls.ts';
import { endStrays } from './strays.ts';
import { TerminationMessages } from './termination-messages.ts';
import { troubleOf, type Trouble } from './trouble.ts';
import { fixedVolumes, mountsOf, type TokenProjection } from './volumes.ts';

/** Who knows where services send their clients. */
export interface ServiceRoutes {
  /** Whether a new connection may still be sent to the pod. */
  leadsTo(pod: KubeObject): boolean;
  /** Calls back with the key of a pod that a service no longer leads to. */
  onWithdrawn(listener: (podKey: string) => void): void;
}

/** What the agent says of its pods. */
export interface AgentWrites extends EventWrites {
  status(pod: KubeObject, status: JsonObject): Promise<void>;
  /** The pod's containers are gone: the object goes too. */
  release(pod: KubeObject): Promise<void>;
}

export interface AgentParts {
  readonly nodeName: string;
  readonly hostIp: string;
  readonly place: PodPlace;
  readonly room: NodeRoom;
  readonly pods: ObjectCache;
  readonly configMaps: ObjectCache;
  readonly secrets: ObjectCache;
  readonly services: ObjectCache;
  readonly claims: ObjectCache;
  readonly volumes: ObjectCache;
  readonly engine: EnginePort;
  readonly node: NodePort;
  readonly writes: AgentWrites;
  readonly routes: ServiceRoutes;
  readonly isolation: PodIsolation;
  /** The certificate of the cluster's authority, PEM. */
  readonly rootCa: string;
  /** A token of the pod's service account, good while the pod is. */
  readonly token: (pod: KubeObject, wanted: TokenProjection) => Promise<string>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

const NS_PER_MS = 1_000_000n;
const DEFAULT_GRACE_SECONDS = 30;
/** What is left to a container at least after its hook, as by the kubelet. */
const LEAST_GRACE_SECONDS = 2;
/** A hook that starts with a container has no bound upstream; it holds up nothing but its own pod. */
const LONGEST_HOOK_MS = 600_000;

/** The agent of one node: sees the pods that are bound to it and the containers that the engine has, and makes the one the other. */
export class Agent {
  readonly #parts: AgentParts;
  readonly #queue: WorkQueue;
  readonly #volumes: PodVolumes;
  readonly #prober: Prober;
  readonly #probes: PodProbes;
  readonly #messages: TerminationMessages;
  readonly #making = new Making();
  readonly #pulls: SharedPulls;
  readonly #events: PodEvents;
  /** By pod and container. */
  readonly #troubles = new Map<string, Map<string, Trouble>>();
  /** Pods whose resize waits for others to leave. */
  readonly #deferred = new Set<string>();
  /** Why pods have to go, by uid. */
  readonly #evictions = new Map<string, string>();
  /** How long those may take to end that need not go at once, by uid. */
  readonly #evictionGraces = new Map<string, number>();
  readonly #unsubscribe: () => void;
  #isScheduled = false;
  #isOpen = false;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#events = new PodEvents(parts.writes);
    this.#prober = new Prober(parts.engine, parts.node, parts.timers);
    this.#queue = new WorkQueue(parts.timers, parts.clock, () => this.#wake());
    this.#probes = new PodProbes({ prober: this.#prober, clock: parts.clock, event: (...told) => this.#events.tell(...told), wake: (key) => this.#queue.add(key), wakeAfter: (key, ms) => this.#queue.addAfter(key, ms) });
    this.#messages = new TerminationMessages(parts);
    this.#pulls = new SharedPulls(parts.engine, parts.clock);
    this.#volumes = new PodVolumes({ ...parts, pulls: this.#pulls, events: this.#events, wake: (key) => this.#queue.add(key) });
    parts.pods.onChange((pod) => {
      if (specOf(pod)?.nodeName !== parts.nodeName) return;
      this.#queue.add(keyOf(pod));
      for (const key of this.#deferred) this.#queue.add(key);
    });
    parts.claims.onChange(({ metadata }) => this.#wakeUsers(metadata.namespace, metadata.name));
    parts.volumes.onChange((volume) => {
      const { claimRef } = volumeSpec(volume);
      if (claimRef?.name !== undefined) this.#wakeUsers(claimRef.namespace, claimRef.name);
    });
    parts.routes.onWithdrawn((key) => this.#queue.add(key));
    this.#unsubscribe = parts.engine.events.subscribe({}, (event) => {
      const { [LABEL.namespace]: namespace, [LABEL.podName]: name } = event.attributes;
      if (event.type === 'container' && namespace !== undefined && name !== undefined) this.#queue.add(`${namespace}/${name}`);
    });
  }

  /** Once the caches are full. */
  async open(): Promise<void> {
    await this.#sweep();
    this.#isOpen = true;
    this.#wake();
  }

  /** Ends a pod for the sake of the node; its status says why. */
  evict(pod: KubeObject, message: string, graceSeconds?: number): void {
    const { uid } = pod.metadata;
    if (this.#evictions.has(uid)) return;
    this.#evictions.set(uid, message);
    if (graceSeconds !== undefined) this.#evictionGraces.set(uid, graceSeconds);
    void this.#parts.writes.event(pod, 'Warning', 'Evicted', message);
    this.#queue.add(keyOf(pod));
  }

  /** What an earlier life left of pods that are no more. */
  async #sweep(): Promise<void> {
    const { engine, pods, node } = this.#parts;
    const known = new Set(pods.list().filter((pod) => specOf(pod).nodeName === this.#parts.nodeName).map(({ metadata }) => metadata.uid));
    for (const { spec } of engine.containers.list()) {
      if (spec.owner.front === 'cluster' && !known.has(spec.owner.name)) await engine.containers.remove(spec.id, { force: true, volumes: true }).catch((thrown: unknown) => this.#parts.log(`sweep of ${spec.name}: ${messageOf(thrown)}`));
    }
    for (const uid of await node.podsWithVolumes()) if (!known.has(uid)) await node.removeVolumes(uid);
  }

  /** Settles when no container is being made any more: who takes all of them away after that misses none. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#unsubscribe();
    this.#queue.close();
    await this.#making.end();
  }

  #nowMs(): number {
    return Number(this.#parts.clock.nowNs() / NS_PER_MS);
  }

  #wake(): void {
    if (this.#isScheduled || !this.#isOpen) return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => {
      this.#isScheduled = false;
      for (let key = this.#queue.take(); key !== undefined; key = this.#queue.take()) void this.#work(key);
    });
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#look(key);
      this.#queue.done(key, 'done');
    } catch (thrown) {
      if (this.#isOpen && !isKind(thrown, 'conflict', 'not-found')) this.#parts.log(`pod ${key}: ${messageOf(thrown)}`);
      this.#queue.done(key, 'failed');
    }
  }

  async #look(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = this.#parts.pods.get(namespace, name);
    await this.#endStrays(key, pod?.metadata.uid);
    if (pod === undefined || specOf(pod).nodeName !== this.#parts.nodeName) return void this.#deferred.delete(key);
    const { uid } = pod.metadata;
    if (isOver(pod)) this.#evictions.delete(uid);
    const troubles = this.#troubles.get(uid) ?? new Map<string, Trouble>();
    this.#troubles.set(uid, troubles);
    const observed = this.#observe(uid);
    if (observed.length === 0 && await isRejected(this.#parts, pod, this.#nowMs())) return;
    // A pod that has not begun waits for its volumes: they come with a change of their claims.
    if (observed.length === 0 && pod.metadata.deletionTimestamp === undefined && claimsOfPod(pod).some((claim) => this.#volumes.claimed(pod, claim) === undefined)) return await this.#tell(pod, troubles);
    const probes = this.#probes.states(pod, observed);
    const { kind: verdict } = await this.#verdict(key, pod);
    const plan = planPod({ pod, evictionGraceSeconds: this.#evictionGraces.get(uid), containers: observed, probes, isResizeHeld: verdict !== 'fits', isServed: this.#parts.routes.leadsTo(pod), heldUntilMs: new Map([...troubles].map(([container, { untilMs }]) => [container, untilMs])), nowMs: this.#nowMs() });
    let progressed = false;
    // Each has its own time to end, and none waits for another's.
    const stopped = await Promise.all(plan.actions.filter(({ kind }) => kind === 'stop').map((action) => this.#apply(pod, action, troubles)));
    progressed = stopped.length > 0;
    for (const action of plan.actions) {
      if (action.kind === 'release') return await this.#release(pod);
      if (action.kind !== 'stop') progressed = await this.#apply(pod, action, troubles) || progressed;
    }
    await this.#tell(pod, troubles);
    for (const { container, run } of plan.heldBack ?? []) await this.#events.backOff(pod, container, run);
    await this.#refresh(key, pod);
    if (pod.metadata.deletionTimestamp === undefined) this.#probes.ask(key, pod, this.#observe(uid));
    // Each step may be what the next one waits for.
    if (progressed) this.#queue.add(key);
    else if (plan.againAfterMs !== undefined) this.#queue.addAfter(key, plan.againAfterMs);
  }

  async #endStrays(key: string, uid: string | undefined): Promise<void> {
    for (const { spec: { id, owner } } of await endStrays(this.#parts.engine, key, uid, (gone) => this.#volumes.remove(gone))) {
      this.#forget(id);
      this.#forgetPod(owner.name);
    }
  }

  #forgetPod(uid: string): void {
    this.#troubles.delete(uid);
    this.#evictions.delete(uid);
    this.#evictionGraces.delete(uid);
  }

  #forget(id: ContainerId): void {
    this.#probes.forget(id);
    this.#messages.forget(id);
    this.#events.forget(id);
  }

  /** Pods here that mount a claim. */
  #wakeUsers(namespace: string | undefined, claim: string): void {
    for (const pod of this.#parts.pods.list(namespace)) if (specOf(pod).nodeName === this.#parts.nodeName && claimsOfPod(pod).some(({ name }) => name === claim)) this.#queue.add(keyOf(pod));
  }

  #observe(uid: string): ObservedContainer[] {
    return containersOfPod(this.#parts.engine.containers.list(), uid);
  }

  async #release(pod: KubeObject): Promise<void> {
    const { writes } = this.#parts;
    await this.#volumes.remove(pod.metadata.uid);
    this.#forgetPod(pod.metadata.uid);
    await writes.release(pod);
  }

  /** The status as it is now, where it is another than was said last. */
  async #tell(pod: KubeObject, troubles: ReadonlyMap<string, Trouble>): Promise<void> {
    const observed = this.#observe(pod.metadata.uid);
    const messages = await this.#messages.of(pod, observed);
    const current = this.#parts.pods.get(pod.metadata.namespace, pod.metadata.name) ?? pod;
    const status = podStatus({ pod: current, containers: observed, probes: this.#probes.states(current, observed), troubles, messages, eviction: this.#evictions.get(pod.metadata.uid), resize: this.#resizeVerdict(current), hostIp: this.#parts.hostIp, nowMs: this.#nowMs() });
    if (!same(status, statusOf(current))) await this.#parts.writes.status(current, status);
  }

  /** @returns whether something changed that the next look should see at once */
  async #apply(pod: KubeObject, action: PodAction, troubles: Map<string, Trouble>): Promise<boolean> {
    const { engine } = this.#parts;
    switch (action.kind) {
      case 'start-sandbox': return await this.#tryTo(pod, 'POD', 'FailedCreatePodSandBox', troubles, () => this.#making.run(() => this.#startSandbox(pod, action.attempt)));
      case 'run': return await this.#tryTo(pod, action.container.name, 'CreateContainerError', troubles, () => this.#run(pod, action));
      case 'stop':
        await this.#stop(pod, action).catch((thrown: unknown) => {
          if (!isKind(thrown, 'not-modified', 'not-found')) throw thrown;
        });
        this.#probes.forget(action.id);
        return true;
      case 'remove':
        await engine.containers.remove(action.id, { force: true, volumes: true });
        this.#forget(action.id);
        return true;
      case 'resize': return await this.#tryTo(pod, resizeOf(action.container.name), 'FailedResize', troubles, () => this.#resize(pod, action));
      case 'release': return false;
    }
  }

  /** What a container wants done before it ends is part of the time that it has for it. */
  async #stop(pod: KubeObject, { id, graceSeconds, why }: { readonly id: ContainerId; readonly graceSeconds: number; readonly why: string }): Promise<void> {
    const { engine, clock } = this.#parts;
    const name = engine.containers.find(id).spec.labels[LABEL.container] ?? '';
    // The sandbox is nobody's program, and what waits for a pod takes the word for a failure.
    if (name !== SANDBOX_NAME) await this.#events.stopping(pod, name, why);
    const container = containerNamed(pod, name);
    const preStop = container?.lifecycle?.preStop;
    const began = clock.monotonicMs();
    if (container !== undefined && preStop !== undefined && graceSeconds > 0) {
      const { ok, message } = await this.#prober.ask(container, id, this.#addressOf(pod), preStop, graceSeconds * 1000);
      if (!ok) await this.#events.tell(pod, 'Warning', 'FailedPreStopHook', `PreStopHook failed: ${message}`, name);
    }
    const spent = preStop === undefined ? 0 : (clock.monotonicMs() - began) / 1000;
    const left = graceSeconds === 0 ? 0 : Math.max(Math.min(LEAST_GRACE_SECONDS, graceSeconds), Math.ceil(graceSeconds - spent));
    await engine.containers.stop(id, { timeoutSeconds: left });
  }

  /** A failure is told, and holds the container back, longer each time. */
  async #tryTo(pod: KubeObject, name: string, reason: string, troubles: Map<string, Trouble>, run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      troubles.delete(name);
      return true;
    } catch (thrown) {
      if (!this.#isOpen) throw thrown;
      const trouble = troubleOf(thrown, name, reason, troubles.get(name), this.#nowMs());
      troubles.set(name, trouble);
      await this.#events.failed(pod, name, trouble);
      this.#queue.addAfter(keyOf(pod), trouble.untilMs - this.#nowMs());
      return false;
    }
  }

  async #resize(pod: KubeObject, { id, container }: Extract<PodAction, { readonly kind: 'resize' }>): Promise<void> {
    const { engine } = this.#parts;
    const { restart, front } = engine.containers.find(id).spec;
    await engine.containers.update(id, { resources: resourcesOf(container), restart, front });
    await this.#events.tell(pod, 'Normal', 'ResizeCompleted', `Container ${container.name} has the resources that are asked for`, container.name);
  }

  /** What of a resize is told once, and waits for others to leave. */
  async #verdict(key: string, pod: KubeObject): Promise<ResizeVerdict> {
    const verdict = this.#resizeVerdict(pod);
    if (verdict.kind === 'Deferred') this.#deferred.add(key);
    else this.#deferred.delete(key);
    const told = (statusOf(pod)['conditions'] ?? []) as unknown as readonly { readonly type: string; readonly reason?: string }[];
    if (verdict.kind !== 'fits' && !told.some(({ type, reason }) => type === 'PodResizePending' && reason === verdict.kind)) await this.#parts.writes.event(pod, 'Warning', `Resize${verdict.kind}`, verdict.message);
    return verdict;
  }

  #resizeVerdict(pod: KubeObject): ResizeVerdict {
    if (!isResizeAsked(pod)) return { kind: 'fits' };
    const others = this.#parts.pods.list().filter((each) => each.metadata.uid !== pod.metadata.uid && specOf(each).nodeName === this.#parts.nodeName && !isOver(each));
    return resizeVerdict(pod, others, this.#parts.room);
  }

  async #startSandbox(pod: KubeObject, attempt: number): Promise<void> {
    const { engine, place } = this.#parts;
    if (attempt > 0) await this.#events.tell(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    const { id } = await engine.containers.create(lowerSandbox(pod, attempt, place));
    await engine.containers.start(id).catch(async (thrown: unknown) => {
      await engine.containers.remove(id, { force: true, volumes: true });
      throw thrown;
    });
  }

  async #run(pod: KubeObject, { container, attempt, sandbox, target }: Extract<PodAction, { readonly kind: 'run' }>): Promise<void> {
    const { engine, node, isolation, clock, place: { names: { zone } } } = this.#parts;
    const isolated = specOf(pod).hostNetwork === true ? undefined : isolation.admit(pod, this.#addressOf(pod));
    if (isolated !== undefined) await isolated;
    const image = await podImage({ engine, clock, events: this.#events, pulls: this.#pulls }, pod, container);
    const sources = await this.#volumes.sources(pod, this.#addressOf(pod));
    const places = await this.#volumes.provide(pod, sources);
    const environment = environmentOf(pod, container, sources);
    const lastWord = await this.#messages.mountOf(pod, container, attempt);
    const { seccompProfile: profile } = contextOf(pod, container);
    const seccompProfile = profile?.type === 'Localhost' ? await node.seccompProfile(profile.localhostProfile ?? '') : undefined;
    const request = lowerContainer(pod, container, attempt, { sandbox, target, zone }, { image, environment, seccompProfile, mounts: [...mountsOf(container, (name) => places.get(name), fixedVolumes(pod), environment), ...lastWord] });
    const id = await this.#making.run(async () => {
      const created = await engine.containers.create(request);
      this.#events.created(pod, container.name);
      await engine.containers.start(created.id);
      return created.id;
    });
    this.#events.started(pod, container.name);
    const { postStart } = container.lifecycle ?? {};
    if (postStart === undefined) return;
    const { ok, message } = await this.#prober.ask(container, id, this.#addressOf(pod), postStart, LONGEST_HOOK_MS);
    if (ok) return;
    await this.#events.tell(pod, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${message}`, container.name);
    await this.#stop(pod, { id, graceSeconds: specOf(pod).terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS, why: 'FailedPostStartHook' });
  }

  #addressOf(pod: KubeObject): string {
    const sandbox = this.#observe(pod.metadata.uid).find(({ name, state }) => name === 'POD' && state === 'running');
    return specOf(pod).hostNetwork === true ? this.#parts.hostIp : sandbox?.address ?? '';
  }

  /** What the volumes of a pod that runs show, as it is now. */
  async #refresh(key: string, pod: KubeObject): Promise<void> {
    if (pod.metadata.deletionTimestamp !== undefined || !this.#observe(pod.metadata.uid).some(({ name, state }) => name !== 'POD' && state === 'running')) return;
    try {
      const againAfterMs = await this.#volumes.refresh(pod, this.#addressOf(pod));
      if (againAfterMs !== undefined) this.#queue.addAfter(key, againAfterMs);
    } catch (thrown) {
      // It keeps what it had until what it shows is there again.
      await this.#parts.writes.event(pod, 'Warning', 'FailedMount', `its volumes could not be brought up to date: ${messageOf(thrown)}`);
    }
  }
}
