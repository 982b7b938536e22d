import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { Reason } from '#container/model/why.ts';

/** One link of the chain. */
export interface PodReason {
  /** RFC 3339. */
  readonly time: string;
  /** `made`, `event`, `condition`, or what happened to a container. */
  readonly kind: string;
  readonly text: string;
}

export interface PodCauses {
  readonly pod: KubeObject;
  /** Whoever it belongs to, the nearest first: its ReplicaSet, then that one's Deployment. */
  readonly owners: readonly KubeObject[];
  /** `v1.Event`s about any of these. */
  readonly events: readonly KubeObject[];
  /** What the engine knows of the containers, the sandbox left out. */
  readonly containers: readonly { readonly name: string; readonly attempt: number; readonly because: readonly Reason[] }[];
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** What the engine's own links tell better, with who asked and how it ended. */
const TOLD_BY_CONTAINERS: ReadonlySet<string> = new Set(['Created', 'Pulled', 'Started']);
/** Of a container that is started again and again, the run that is on and the one before. */
const RUNS = 2;

/** Why a pod is as it is, oldest first: who made it, what the cluster says of it and its owners, and what became of its containers. */
export function whyPod({ pod, owners, events, containers }: PodCauses): readonly PodReason[] {
  const told = events.filter((event) => !(event['type'] === 'Normal' && TOLD_BY_CONTAINERS.has(String(event['reason']))));
  const links = [...made([...owners].reverse(), pod), ...told.map((event) => eventLink(event, pod)), ...conditionLinks(pod, told), ...containerLinks(containers)];
  return links.map((link, index) => ({ link, index })).sort((a, b) => Date.parse(a.link.time) - Date.parse(b.link.time) || a.index - b.index).map(({ link }) => link);
}

function made(owners: readonly KubeObject[], pod: KubeObject): readonly PodReason[] {
  return [...owners, pod].map((object, index, all) => {
    const owner = all[index - 1];
    return { time: object.metadata.creationTimestamp, kind: 'made', text: `${owner === undefined ? makerOf(object) : nameOf(owner)} made ${object === pod ? 'it' : nameOf(object)}` };
  });
}

/** Whoever wrote first of what still stands. */
function makerOf({ metadata: { managedFields = [] } }: KubeObject): string {
  const { manager } = (managedFields[0] ?? {}) as { readonly manager?: string };
  return manager === undefined || manager === '' ? 'a client of the API' : manager;
}

const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

function eventLink(event: KubeObject, pod: KubeObject): PodReason {
  const about = (event['involvedObject'] ?? {}) as { readonly kind?: string; readonly name?: string; readonly uid?: string; readonly fieldPath?: string };
  const count = Number(event['count'] ?? 1);
  const [first, last] = [event['firstTimestamp'], event['lastTimestamp'] ?? event['eventTime']].map((time) => (typeof time === 'string' ? time : undefined));
  const times = count > 1 ? ` (${count} times${first === undefined ? '' : ` since ${first.slice(0, 19).replace('T', ' ')}`})` : '';
  return { time: last ?? first ?? event.metadata.creationTimestamp, kind: 'event', text: `${about.uid === pod.metadata.uid ? '' : `${about.kind} ${about.name}: `}${String(event['reason'])}: ${about.fieldPath === undefined ? '' : `${about.fieldPath}: `}${String(event['message'])}${times}` };
}

/** Events are forgotten after an hour; what a condition says stays as long as it holds. */
function conditionLinks(pod: KubeObject, events: readonly KubeObject[]): readonly PodReason[] {
  const { conditions = [] } = (pod['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  const said = new Set(events.map((event) => event['message']));
  return conditions.filter(({ status, message = '' }) => status === 'False' && message !== '' && !said.has(message)).map(({ type, reason, message, lastTransitionTime }) => ({
    time: lastTransitionTime ?? pod.metadata.creationTimestamp, kind: 'condition', text: `it is not ${type}: ${reason === undefined ? '' : `${reason}: `}${message}`,
  }));
}

function containerLinks(containers: PodCauses['containers']): readonly PodReason[] {
  return containers.filter(({ name, attempt }) => containers.filter((other) => other.name === name && other.attempt > attempt).length < RUNS).flatMap(({ name, attempt, because }) =>
    because.map(({ atNs, kind, text }) => ({ time: new Date(Number(BigInt(atNs) / 1_000_000n)).toISOString(), kind, text: `container ${name}${attempt === 0 ? '' : `, run ${attempt + 1}`}: ${text}` })));
}

/** As data (`GET /cluster/why`). */
export function renderWhy(status: string, { metadata }: KubeObject, because: readonly PodReason[]): JsonObject {
  return { Name: metadata.name, Namespace: metadata.namespace ?? '', State: { Status: status }, Because: because.map(({ time, kind, text }) => ({ Time: time, Kind: kind, Text: text })) };
}
