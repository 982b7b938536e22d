import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { newest, SANDBOX_NAME, type ObservedContainer } from './observed.ts';
import { deadlineMs, isOver, isSidecar, specOf, statusOf, type AgentPodSpec, type PodContainer } from './pod.ts';
import { EVICTED } from './pod-status.ts';
import { changeOf, resizeOf } from './resize.ts';
import { isStartedAgain } from './restarts.ts';

export type PodAction = { readonly why: string } & (
  | { readonly kind: 'start-sandbox'; readonly attempt: number }
  /** `target`: the container whose processes it sees. */
  | { readonly kind: 'run'; readonly container: PodContainer; readonly attempt: number; readonly sandbox: ContainerId; readonly target?: ContainerId }
  | { readonly kind: 'stop'; readonly id: ContainerId; readonly graceSeconds: number }
  | { readonly kind: 'resize'; readonly id: ContainerId; readonly container: PodContainer }
  | { readonly kind: 'remove'; readonly id: ContainerId }
  /** Nothing of it is left: the object can go. */
  | { readonly kind: 'release' }
);

/** What probes say of a running container. */
export interface ProbeState {
  readonly started: boolean;
  readonly ready: boolean;
  readonly alive: boolean;
}

export interface PodObservation {
  readonly pod: KubeObject;
  readonly containers: readonly ObservedContainer[];
  readonly probes: ReadonlyMap<ContainerId, ProbeState>;
  /** Containers that could not be made: not tried again before. By name. */
  readonly heldUntilMs: ReadonlyMap<string, number>;
  /** Whether services may still send somebody to the pod. */
  readonly isServed: boolean;
  /** What it asks for now is more than the node has for it: its containers keep what they have. */
  readonly isResizeHeld: boolean;
  /** How long one that its node has to let go may take; absent: a second. */
  readonly evictionGraceSeconds?: number | undefined;
  readonly nowMs: number;
}

export interface PodPlan {
  readonly actions: readonly PodAction[];
  /** Containers that are started again later, and the run that ended. */
  readonly heldBack?: readonly { readonly container: string; readonly run: ContainerId }[];
  readonly againAfterMs?: number;
}

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** A run of this length starts the back-off anew. */
const GOOD_RUN_MS = 600_000;
const DEFAULT_GRACE_SECONDS = 30;
/** The node is short of something, and can't wait. */
const EVICTED_GRACE_SECONDS = 1;
/** Services forget a pod within milliseconds; where they don't, as without a controller, its end comes all the same. */
const WITHDRAWAL_MS = 5_000;

/** What is to be done for a pod now. Pure: the same observation, the same plan. */
export function planPod(observation: PodObservation): PodPlan {
  const { pod, containers } = observation;
  const spec = specOf(pod);
  if (pod.metadata.deletionTimestamp !== undefined) {
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    const wait = withdrawalMs(observation, graceSeconds);
    return wait > 0 ? { actions: [], againAfterMs: wait } : planEnd(observation, graceSeconds, true);
  }
  if (isOver(pod)) return planEnd(observation, statusOf(pod)['reason'] === EVICTED ? observation.evictionGraceSeconds ?? EVICTED_GRACE_SECONDS : spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS, false);
  const sandboxes = containers.filter(({ name }) => name === SANDBOX_NAME);
  const sandbox = sandboxes.find(({ state }) => state === 'running');
  if (sandbox === undefined) return planSandbox(sandboxes, containers, observation);
  const steps = new Steps(observation, spec, sandbox.id);
  steps.debug();
  steps.startInOrder();
  const planned = steps.plan();
  const left = (deadlineMs(pod) ?? Number.POSITIVE_INFINITY) - observation.nowMs;
  return Number.isFinite(left) && left > 0 ? { ...planned, againAfterMs: Math.min(planned.againAfterMs ?? left, left) } : planned;
}

/** Until no new connection comes: whoever is told to end closes its door, and who comes then would be refused. */
function withdrawalMs({ pod, isServed, nowMs }: PodObservation, graceSeconds: number): number {
  const askedMs = Date.parse(pod.metadata.deletionTimestamp ?? '') - graceSeconds * 1000;
  return isServed ? askedMs + Math.min(WITHDRAWAL_MS, graceSeconds * 1000) - nowMs : 0;
}

/** Without a sandbox nothing of the pod can go on: what is left of the last one goes, then there is a new one. */
function planSandbox(sandboxes: readonly ObservedContainer[], containers: readonly ObservedContainer[], { heldUntilMs, nowMs }: PodObservation): PodPlan {
  const running = containers.filter(({ name, state }) => name !== SANDBOX_NAME && state === 'running');
  if (running.length > 0) return { actions: running.map(({ id }): PodAction => ({ kind: 'stop', id, graceSeconds: 0, why: 'the sandbox of the pod is gone' })) };
  const wait = (heldUntilMs.get(SANDBOX_NAME) ?? 0) - nowMs;
  if (wait > 0) return { actions: [], againAfterMs: wait };
  const attempt = Math.max(-1, ...sandboxes.map((each) => each.attempt)) + 1;
  return { actions: [...sandboxes.filter(({ state }) => state !== 'going').map(({ id }): PodAction => ({ kind: 'remove', id, why: 'the sandbox has ended' })), { kind: 'start-sandbox', attempt, why: attempt === 0 ? 'the pod is new here' : 'its last sandbox has ended' }] };
}

/** Containers first, sidecars after them, the sandbox last; of one that is deleted, all is removed. */
function planEnd({ containers, pod }: PodObservation, graceSeconds: number, removes: boolean): PodPlan {
  const why = removes ? 'the pod is deleted' : 'the pod has ended';
  const sidecars = new Set((specOf(pod).initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const running = containers.filter(({ state }) => state === 'running');
  const own = running.filter(({ name }) => name !== SANDBOX_NAME && !sidecars.has(name));
  const beside = running.filter(({ name }) => sidecars.has(name));
  const next = own.length > 0 ? own : beside.length > 0 ? beside : running;
  if (next.length > 0) return { actions: next.map(({ id, name }): PodAction => ({ kind: 'stop', id, graceSeconds: name === SANDBOX_NAME ? 0 : graceSeconds, why })) };
  if (!removes) return { actions: [] };
  if (containers.length > 0) return { actions: containers.filter(({ state }) => state !== 'going').map(({ id }): PodAction => ({ kind: 'remove', id, why })) };
  return { actions: [{ kind: 'release', why: 'nothing of it is left on the node' }] };
}

/** One look at the containers of a pod whose sandbox runs. */
class Steps {
  readonly #observation: PodObservation;
  readonly #spec: AgentPodSpec;
  readonly #sandbox: ContainerId;
  readonly #actions: PodAction[] = [];
  readonly #heldBack: { readonly container: string; readonly run: ContainerId }[] = [];
  #againAfterMs: number | undefined;

  constructor(observation: PodObservation, spec: AgentPodSpec, sandbox: ContainerId) {
    this.#observation = observation;
    this.#spec = spec;
    this.#sandbox = sandbox;
  }

  plan(): PodPlan {
    return { actions: this.#actions, ...(this.#heldBack.length === 0 ? {} : { heldBack: this.#heldBack }), ...(this.#againAfterMs === undefined ? {} : { againAfterMs: this.#againAfterMs }) };
  }

  /** Ephemeral containers, each once, as soon as the one it looks at runs. */
  debug(): void {
    const { containers, nowMs } = this.#observation;
    for (const container of this.#spec.ephemeralContainers ?? []) {
      const { name, targetContainerName = '' } = container;
      const present = newest(containers, name);
      const target = targetContainerName === '' ? undefined : newest(containers, targetContainerName);
      if ((present !== undefined && present.state !== 'created') || (targetContainerName !== '' && target?.state !== 'running')) continue;
      this.#run(container, (present?.attempt ?? -1) + 1, nowMs, 'it was added to look at the pod', target?.id);
    }
  }

  /** Init containers one after another, each to its end or, a sidecar, to its start; then all others at once. */
  startInOrder(): void {
    const { containers } = this.#observation;
    const isLater = this.#spec.containers.some(({ name }) => newest(containers, name) !== undefined);
    for (const container of this.#spec.initContainers ?? []) {
      if (isSidecar(container)) {
        this.#keep(container);
        if (!this.#hasStarted(container) && !isLater) return;
      } else if (!isLater) {
        const present = newest(containers, container.name);
        if (present?.state === 'exited' && present.exitCode === 0) continue;
        this.#keep(container);
        return;
      }
    }
    for (const container of this.#spec.containers) this.#keep(container);
    this.#removeOld();
  }

  #hasStarted({ name }: PodContainer): boolean {
    const present = newest(this.#observation.containers, name);
    return present?.state === 'running' && (this.#observation.probes.get(present.id)?.started ?? true);
  }

  #keep(container: PodContainer): void {
    const { containers, probes, nowMs } = this.#observation;
    const present = newest(containers, container.name);
    if (present === undefined) this.#run(container, 0, nowMs, 'it has not run yet');
    else if (present.state === 'running') {
      const probe = probes.get(present.id);
      if (probe?.alive === false) {
        const { terminationGracePeriodSeconds: own } = (probe.started ? container.livenessProbe : container.startupProbe) ?? {};
        this.#actions.push({ kind: 'stop', id: present.id, graceSeconds: own ?? this.#spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS, why: `its ${probe.started ? 'liveness' : 'startup'} probe failed` });
      } else this.#resize(container, present);
    } else if (present.state === 'exited' && this.#endedToResize(container, present)) this.#run(container, present.attempt + 1, nowMs, 'it is to have other resources');
    else if (present.state === 'exited' && isStartedAgain(this.#spec, container, present.exitCode)) {
      const dueMs = (present.finishedMs ?? nowMs) + backoffMs(present);
      if (dueMs > nowMs) this.#heldBack.push({ container: container.name, run: present.id });
      this.#run(container, present.attempt + 1, dueMs, `it ended with exit code ${present.exitCode}`);
    } else if (present.state === 'created') this.#run(container, present.attempt + 1, nowMs, 'it was made and never started');
  }

  #resize(container: PodContainer, { id, resources }: ObservedContainer): void {
    const { isResizeHeld, heldUntilMs, nowMs } = this.#observation;
    const how = isResizeHeld ? 'none' : changeOf(container, resources);
    const why = 'it is to have other resources';
    const wait = (heldUntilMs.get(resizeOf(container.name)) ?? 0) - nowMs;
    if (how === 'restart') this.#actions.push({ kind: 'stop', id, graceSeconds: this.#spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS, why });
    else if (how === 'update' && wait <= 0) this.#actions.push({ kind: 'resize', id, container, why });
    else if (how === 'update') this.#againAfterMs = Math.min(this.#againAfterMs ?? wait, wait);
  }

  #endedToResize(container: PodContainer, { resources }: ObservedContainer): boolean {
    return !this.#observation.isResizeHeld && changeOf(container, resources) === 'restart';
  }

  #run(container: PodContainer, attempt: number, dueMs: number, why: string, target?: ContainerId): void {
    const { nowMs, heldUntilMs } = this.#observation;
    const wait = Math.max(dueMs, heldUntilMs.get(container.name) ?? 0) - nowMs;
    if (wait > 0) this.#againAfterMs = Math.min(this.#againAfterMs ?? wait, wait);
    else this.#actions.push({ kind: 'run', container, attempt, sandbox: this.#sandbox, why, ...(target === undefined ? {} : { target }) });
  }

  /** Of each container the newest stays, and the one before it for its log. */
  #removeOld(): void {
    for (const each of this.#observation.containers) {
      const last = newest(this.#observation.containers, each.name);
      if (each.name !== SANDBOX_NAME && last !== undefined && each.attempt < last.attempt - 1 && each.state !== 'going') this.#actions.push({ kind: 'remove', id: each.id, why: 'newer ones are there' });
    }
  }
}

/** 10 s, 20 s, 40 s ... up to 5 minutes; the first restart is at once. */
export function backoffMs(ended: ObservedContainer): number {
  const ranMs = (ended.finishedMs ?? 0) - (ended.startedMs ?? 0);
  if (ended.attempt === 0 || ranMs >= GOOD_RUN_MS) return 0;
  return Math.min(FIRST_BACKOFF_MS * 2 ** (ended.attempt - 1), LONGEST_BACKOFF_MS);
}
