import type { Json, JsonObject } from '#base/json.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { newest, SANDBOX_NAME, type ObservedContainer } from './observed.ts';
import type { ProbeState } from './plan.ts';
import { deadlineMs, isOver, isSidecar, specOf, statusOf, type AgentPodSpec, type PodContainer } from './pod.ts';
import { changeOf, resizeOf, toldResources, type ResizeVerdict } from './resize.ts';
import { isStartedAgain } from './restarts.ts';
import { sharedOut } from './termination-message.ts';

export interface StatusInput {
  readonly pod: KubeObject;
  readonly containers: readonly ObservedContainer[];
  readonly probes: ReadonlyMap<ContainerId, ProbeState>;
  /** Why a container waits that could not be made: `ErrImagePull` and the like. By name. */
  readonly troubles: ReadonlyMap<string, { readonly reason: string; readonly message: string }>;
  /** What those that ended said of it. */
  readonly messages: ReadonlyMap<ContainerId, string>;
  readonly resize: ResizeVerdict;
  /** Why the node has it go; absent: it stays. */
  readonly eviction?: string | undefined;
  readonly hostIp: string;
  readonly nowMs: number;
}

interface Condition { readonly type: string; readonly observedGeneration?: number; readonly status: string; readonly lastTransitionTime: string; readonly reason?: string; readonly message?: string }

/** The status of a pod as `core.v1.PodStatus`, from what the node has of it. What was said before stays where it still holds. */
export function podStatus(given: StatusInput): JsonObject {
  const { pod, containers, hostIp, nowMs } = given;
  const spec = specOf(pod);
  const { initContainers = [], ephemeralContainers = [] } = spec;
  const input = { ...given, messages: sharedOut(given.messages, spec.containers.length + initContainers.length + ephemeralContainers.length) };
  const before = statusOf(pod);
  const sandbox = containers.find(({ name, state }) => name === SANDBOX_NAME && state === 'running');
  const address = spec.hostNetwork === true ? hostIp : sandbox?.address ?? before['podIP'];
  const init = initContainers.map((container) => containerStatus(input, container));
  const added = ephemeralContainers.map((container) => containerStatus(input, container));
  const own = spec.containers.map((container) => containerStatus(input, container));
  const isLate = (deadlineMs(pod) ?? Number.POSITIVE_INFINITY) <= nowMs;
  const isEvicted = input.eviction !== undefined && !isOver(pod);
  const phase = phaseOf(spec, containers, (isLate || isEvicted) && before['phase'] !== 'Succeeded' ? 'Failed' : before['phase']);
  const why = before['phase'] === 'Failed' ? { reason: before['reason'], message: before['message'] } : isEvicted ? { reason: EVICTED, message: input.eviction } : isLate && phase === 'Failed' ? LATE : {};
  return {
    ...generationOf(pod), phase, ...Object.fromEntries(Object.entries(why).filter(([, value]) => value !== undefined)), conditions: conditionsOf(input, phase, own, init) as unknown as Json, hostIP: hostIp, hostIPs: [{ ip: hostIp }], ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address as string }] }),
    startTime: before['startTime'] ?? timeText(nowMs), ...(init.length === 0 ? {} : { initContainerStatuses: init }), containerStatuses: own, ...(added.length === 0 ? {} : { ephemeralContainerStatuses: added }), qosClass: qosOf(spec),
  };
}

/** What the node has seen of the pod's spec (KEP-5067). */
const generationOf = ({ metadata }: KubeObject): { readonly observedGeneration?: number } => (metadata.generation === undefined ? {} : { observedGeneration: metadata.generation });

/** `status.reason` of a pod that its node had to let go. */
export const EVICTED = 'Evicted';
const LATE = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };

/** Over when every container is: well, or with a failure that is not tried again. */
function phaseOf(spec: AgentPodSpec, containers: readonly ObservedContainer[], before: Json | undefined): string {
  if (before === 'Succeeded' || before === 'Failed') return before;
  const lasts = spec.containers.map(({ name }) => newest(containers, name));
  const failedInit = (spec.initContainers ?? []).some((container) => {
    const last = newest(containers, container.name);
    return !isSidecar(container) && last?.state === 'exited' && last.exitCode !== 0 && !isStartedAgain(spec, container, last.exitCode);
  });
  if (failedInit) return 'Failed';
  // One that ended for a resize is not over.
  const ended = spec.containers.every((container, index) => {
    const last = lasts[index];
    return last?.state === 'exited' && changeOf(container, last.resources) !== 'restart' && !isStartedAgain(spec, container, last.exitCode);
  });
  if (ended) return lasts.some((last) => last !== undefined && last.exitCode !== 0) ? 'Failed' : 'Succeeded';
  return lasts.some((last) => last !== undefined && last.state !== 'created') ? 'Running' : 'Pending';
}

const OWN_CONDITIONS = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodResizePending', 'PodResizeInProgress'];

/** A resize that waits, or that is under way. */
function resizeConditions({ pod, containers, resize, troubles }: StatusInput): readonly { readonly type: string; readonly reason?: string; readonly message?: string }[] {
  if (resize.kind !== 'fits') return [{ type: 'PodResizePending', reason: resize.kind, message: resize.message }];
  const { containers: own, initContainers = [] } = specOf(pod);
  const changing = [...own, ...initContainers.filter(isSidecar)].filter((container) => {
    const last = newest(containers, container.name);
    return last?.state === 'running' && changeOf(container, last.resources) !== 'none';
  });
  const failed = changing.map(({ name }) => troubles.get(resizeOf(name))).find((trouble) => trouble !== undefined);
  return changing.length === 0 ? [] : [{ type: 'PodResizeInProgress', ...(failed === undefined ? {} : { reason: 'Error', message: failed.message }) }];
}

function conditionsOf(input: StatusInput, phase: string, own: readonly JsonObject[], init: readonly JsonObject[]): Condition[] {
  const { pod, containers, nowMs } = input;
  const before = (statusOf(pod)['conditions'] ?? []) as unknown as readonly Condition[];
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  const unready = own.filter((status) => status['ready'] !== true).map((status) => String(status['name']));
  const initialized = init.every((status) => status['ready'] === true || status['started'] === true) || own.some((status) => (status['state'] as JsonObject)['waiting'] === undefined);
  const hasSandbox = containers.some(({ name, state }) => name === SANDBOX_NAME && state === 'running');
  const ready = !hasEnded && unready.length === 0;
  const closed = (specOf(pod).readinessGates ?? []).map(({ conditionType }) => conditionType).filter((gate) => before.find(({ type }) => type === gate)?.status !== 'True');
  const gated: Partial<Condition> = ready && closed.length > 0 ? { reason: 'ReadinessGatesNotReady', message: closed.map((gate) => `corresponding condition of pod readiness gate ${JSON.stringify(gate)} does not hold.`).join(', ') } : {};
  const reason: Partial<Condition> = hasEnded ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' } : ready ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const condition = (type: string, value: boolean, more: Partial<Condition> = {}): Condition => {
    const old = before.find((each) => each.type === type);
    const status = value ? 'True' : 'False';
    return { type, ...generationOf(pod), status, lastTransitionTime: old?.status === status ? old.lastTransitionTime : timeText(nowMs), ...more };
  };
  return [
    condition('PodReadyToStartContainers', hasSandbox), condition('Initialized', initialized, initialized ? {} : { reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${init.filter((status) => status['ready'] !== true).map((status) => String(status['name'])).join(' ')}]` }), condition('Ready', ready && closed.length === 0, { ...reason, ...gated }), condition('ContainersReady', ready, reason), ...resizeConditions(input).map(({ type, ...more }) => condition(type, true, more)),
    ...(input.eviction === undefined ? [] : [condition('DisruptionTarget', true, { reason: 'TerminationByKubelet', message: input.eviction })]),
    ...before.filter(({ type }) => !OWN_CONDITIONS.includes(type) && !(type === 'DisruptionTarget' && input.eviction !== undefined)),
  ];
}

function containerStatus(input: StatusInput, container: PodContainer): JsonObject {
  const { containers, probes, troubles, messages, nowMs, pod } = input;
  const last = newest(containers, container.name);
  // A pod that is over stays as it ended, also where its containers are gone.
  const told = last === undefined && isOver(pod) ? toldStatus(pod, container.name) : undefined;
  if (told !== undefined) return told;
  const previous = last === undefined ? undefined : newest(containers.filter((each) => each.attempt < last.attempt), container.name);
  const probe = last === undefined ? undefined : probes.get(last.id);
  const isRunning = last?.state === 'running';
  const spec = specOf(pod);
  const isInit = (spec.initContainers ?? []).includes(container) && !isSidecar(container);
  const isAdded = (spec.ephemeralContainers ?? []).includes(container);
  const ready = isInit ? last?.state === 'exited' && last.exitCode === 0 : isRunning && !isAdded && (probe?.ready ?? true);
  const { stopSignal } = container.lifecycle ?? {};
  return {
    name: container.name, image: container.image ?? '', imageID: last?.imageId ?? '', restartCount: last?.attempt ?? 0, ready, started: isRunning && (probe?.started ?? true), ...(last === undefined ? {} : { containerID: containerIdOf(last.id) }),
    state: stateOf(last, troubles.get(container.name), container, spec, messages, nowMs), lastState: previous === undefined || previous.state !== 'exited' ? {} : { terminated: terminated(previous, messages) }, ...(stopSignal === undefined ? {} : { stopSignal }), ...(isAdded ? {} : resourceStatus(input, container, last)),
  };
}

/** What the container asks for and is bound by: while a change waits or is under way, what was said before. */
function resourceStatus({ pod, resize }: StatusInput, container: PodContainer, last: ObservedContainer | undefined): JsonObject {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const told = toldResources(pod).get(container.name);
  const isHeld = resize.kind !== 'fits' && told !== undefined;
  const isCurrent = !isHeld && (last?.state !== 'running' || changeOf(container, last.resources) === 'none');
  const allocated = isHeld ? told.allocatedResources ?? {} : requests;
  const resources = isCurrent ? { ...(Object.keys(limits).length === 0 ? {} : { limits }), ...(Object.keys(requests).length === 0 ? {} : { requests }) } : told?.resources ?? {};
  return { ...(Object.keys(allocated).length === 0 ? {} : { allocatedResources: allocated }), resources: resources as JsonObject };
}

const containerIdOf = (id: ContainerId): string => `gantry://${id}`;

function toldStatus(pod: KubeObject, name: string): JsonObject | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = statusOf(pod) as Readonly<Record<string, readonly JsonObject[] | undefined>>;
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((status) => status['name'] === name);
}

/** What the status of a pod said last of this very container. */
export function toldOf(pod: KubeObject, id: ContainerId): { readonly ready: boolean; readonly started: boolean } | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = statusOf(pod) as { readonly containerStatuses?: readonly JsonObject[]; readonly initContainerStatuses?: readonly JsonObject[] };
  const told = [...containerStatuses, ...initContainerStatuses].find((status) => status['containerID'] === containerIdOf(id) && (status['state'] as JsonObject | undefined)?.['running'] !== undefined);
  return told === undefined ? undefined : { ready: told['ready'] === true, started: told['started'] === true };
}

function stateOf(last: ObservedContainer | undefined, trouble: { readonly reason: string; readonly message: string } | undefined, container: PodContainer, spec: AgentPodSpec, messages: StatusInput['messages'], nowMs: number): JsonObject {
  if (last?.state === 'running') return { running: { startedAt: timeText(last.startedMs ?? nowMs) } };
  if (trouble !== undefined) return { waiting: { reason: trouble.reason, message: trouble.message } };
  if (last?.state !== 'exited') return { waiting: { reason: (spec.initContainers ?? []).length > 0 && last === undefined ? 'PodInitializing' : 'ContainerCreating' } };
  return isStartedAgain(spec, container, last.exitCode) && last.attempt > 0 ? { waiting: { reason: 'CrashLoopBackOff', message: `the container ended with exit code ${last.exitCode} and is started again later` } } : { terminated: terminated(last, messages) };
}

function terminated({ exitCode, startedMs, finishedMs, oomKilled, error, id }: ObservedContainer, messages: StatusInput['messages']): JsonObject {
  const message = messages.get(id) ?? error;
  return {
    exitCode, reason: oomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : error === '' ? 'Error' : 'ContainerCannotRun', ...(message === '' ? {} : { message }),
    ...(startedMs === undefined ? {} : { startedAt: timeText(startedMs) }), ...(finishedMs === undefined ? {} : { finishedAt: timeText(finishedMs) }), containerID: containerIdOf(id),
  };
}

/** kubernetes.io, "Pod Quality of Service Classes". */
export function qosOf({ containers, initContainers = [] }: AgentPodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = [...containers, ...initContainers].map(({ resources = {} }) => resources);
  if (all.every(({ requests = {}, limits = {} }) => Object.keys(requests).length === 0 && Object.keys(limits).length === 0)) return 'BestEffort';
  const isGuaranteed = all.every(({ requests, limits = {} }) => ['cpu', 'memory'].every((name) => limits[name] !== undefined && (requests?.[name] ?? limits[name]) === limits[name]));
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
