import type { Json, JsonObject } from '#base/json.ts';
import { forbidden, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, NAME, orNone, wide } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt, textOf, valueAt } from './_fields.ts';
import { since } from './_human-duration.ts';
import { defaultPod, fill, mainContainers } from './_pod-defaults.ts';
import { checkPodUpdate, qosClass, withDebugContainers, withResources } from './_pod-update.ts';
import { checkPodSpec } from './_pod-validation.ts';

export const podRules: KindRules = {
  defaults: (pod) => {
    const spec = defaultPod(objectAt(pod, 'spec'));
    return { ...pod, spec, status: fill(objectAt(pod, 'status'), { phase: 'Pending', qosClass: qosClass(spec) }) };
  },
  validate: (pod, old) => [...checkPodSpec(objectAt(pod, 'spec'), 'spec'), ...(old === undefined && listAt(pod, 'spec', 'ephemeralContainers').length > 0 ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')] : [])],
  validateUpdate: checkPodUpdate,
  parts: { ephemeralcontainers: withDebugContainers, resize: withResources },
  columns: [
    NAME,
    column('Ready', 'Containers that are ready, of all', readyText),
    column('Status', 'What its containers do, or why they do not', statusText),
    column('Restarts', 'How often its containers were started again, and when last', restartsText),
    AGE,
    wide(column('IP', 'Its address', (pod) => orNone(textAt(pod, 'status', 'podIP')))),
    wide(column('Node', 'Where it runs', (pod) => orNone(textAt(pod, 'spec', 'nodeName')))),
    wide(column('Nominated Node', 'Where it waits for others to leave', (pod) => orNone(textAt(pod, 'status', 'nominatedNodeName')))),
    wide(column('Readiness Gates', 'Conditions of others that hold, of all', gatesText)),
  ],
};

type Status = Json | undefined;

const isSidecar = (pod: KubeObject, name: string): boolean => listAt(pod, 'spec', 'initContainers').some((each) => each['name'] === name && each['restartPolicy'] === 'Always');
const stateOf = (status: Status, state: string): JsonObject | undefined => valueAt(status, 'state', state) as JsonObject | undefined;

function readyText(pod: KubeObject): string {
  const sidecars = listAt(pod, 'status', 'initContainerStatuses').filter((each) => isSidecar(pod, textAt(each, 'name')) && each['started'] === true && each['ready'] === true);
  const ready = listAt(pod, 'status', 'containerStatuses').filter((each) => each['ready'] === true && stateOf(each, 'running') !== undefined);
  return `${sidecars.length + ready.length}/${mainContainers(objectAt(pod, 'spec')).length}`;
}

function statusText(pod: KubeObject): string {
  const reason = textAt(pod, 'status', 'reason');
  const gated = listAt(pod, 'status', 'conditions').some((each) => each['type'] === 'PodScheduled' && each['reason'] === 'SchedulingGated');
  const own = gated ? 'SchedulingGated' : reason === '' ? textAt(pod, 'status', 'phase') : reason;
  const shown = initText(pod) ?? containersText(pod, own);
  if (pod.metadata.deletionTimestamp === undefined) return shown;
  return reason === 'NodeLost' ? 'Unknown' : isOver(pod) ? shown : 'Terminating';
}

const isOver = (pod: KubeObject): boolean => ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));

/** What the first init container says that is not done. */
function initText(pod: KubeObject): string | undefined {
  const all = listAt(pod, 'spec', 'initContainers').length;
  for (const [index, status] of listAt(pod, 'status', 'initContainerStatuses').entries()) {
    const terminated = stateOf(status, 'terminated');
    if (terminated !== undefined && numberAt(terminated, 'exitCode') === 0) continue;
    if (isSidecar(pod, textAt(status, 'name')) && status['started'] === true) continue;
    if (terminated !== undefined) return `Init:${endText(terminated)}`;
    const waiting = textAt(stateOf(status, 'waiting'), 'reason');
    return waiting !== '' && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${all}`;
  }
  return undefined;
}

function endText(terminated: JsonObject): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal');
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`;
}

function containersText(pod: KubeObject, own: string): string {
  let text = own;
  let isRunning = false;
  for (const status of listAt(pod, 'status', 'containerStatuses').toReversed()) {
    const waiting = textAt(stateOf(status, 'waiting'), 'reason');
    const terminated = stateOf(status, 'terminated');
    if (waiting !== '') text = waiting;
    else if (terminated !== undefined) text = endText(terminated);
    else if (status['ready'] === true && stateOf(status, 'running') !== undefined) isRunning = true;
  }
  if (text !== 'Completed' || !isRunning) return text;
  const isReady = listAt(pod, 'status', 'conditions').some((each) => each['type'] === 'Ready' && each['status'] === 'True');
  return isReady ? 'Running' : 'NotReady';
}

function restartsText(pod: KubeObject, nowMs: number): string {
  const statuses = [...listAt(pod, 'status', 'initContainerStatuses').filter((each) => isSidecar(pod, textAt(each, 'name')) || initText(pod) !== undefined), ...(initText(pod) === undefined ? listAt(pod, 'status', 'containerStatuses') : [])];
  const restarts = statuses.reduce((sum, each) => sum + numberAt(each, 'restartCount'), 0);
  const last = statuses.map((each) => textAt(each, 'lastState', 'terminated', 'finishedAt')).filter((time) => time !== '').sort().at(-1);
  return restarts === 0 || last === undefined ? textOf(restarts) : `${restarts} (${since(last, nowMs)} ago)`;
}

function gatesText(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates').map((each) => textAt(each, 'conditionType'));
  if (gates.length === 0) return orNone('');
  const met = gates.filter((gate) => listAt(pod, 'status', 'conditions').some((each) => each['type'] === gate && each['status'] === 'True'));
  return `${met.length}/${gates.length}`;
}
