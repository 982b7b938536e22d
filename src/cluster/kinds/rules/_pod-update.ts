import type { Json, JsonObject } from '#base/json.ts';
import { forbidden, invalidValue, type FieldFault } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { isObject, listAt, objectAt, textAt, textOf } from './_fields.ts';
import { changeEach } from './_pod-defaults.ts';
import { sameJson } from './_workload-validation.ts';

const FIXED_WORDS = 'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
const ROLES = ['containers', 'initContainers'] as const;
/** What can be changed while a container runs. */
const COUNTED = ['cpu', 'memory'];

/** What of a pod may change, and by which path (pkg/apis/core/validation: ValidatePodUpdate, ValidatePodEphemeralContainersUpdate, ValidatePodResize). */
export function checkPodUpdate(pod: KubeObject, old: KubeObject, subresource?: string): readonly FieldFault[] {
  if (subresource === 'ephemeralcontainers') return checkDebugContainers(pod, old);
  if (subresource === 'resize') return checkResize(pod, old);
  return sameJson(fixedPart(pod, old), fixedPart(old, old)) ? [] : [forbidden('spec', FIXED_WORDS)];
}

/** What of a spec never changes by the pod's own path. Its node is named once. */
function fixedPart(pod: KubeObject, old: KubeObject): JsonObject {
  const { activeDeadlineSeconds: _a, tolerations: _t, terminationGracePeriodSeconds: _g, schedulingGates: _s, nodeName, ...spec } = objectAt(pod, 'spec');
  const fixed = ({ image: _image, ...container }: JsonObject): JsonObject => container;
  return { ...changeEach(changeEach(spec, 'containers', fixed), 'initContainers', fixed), ...(textAt(old, 'spec', 'nodeName') === '' || nodeName === undefined ? {} : { nodeName }) };
}

/** The pod as it is, with the ephemeral containers that are asked for. */
export function withDebugContainers(asked: KubeObject, old: KubeObject): KubeObject {
  const { ephemeralContainers } = objectAt(asked, 'spec');
  return onTop(asked, old, { ...objectAt(old, 'spec'), ...(ephemeralContainers === undefined ? {} : { ephemeralContainers }) });
}

/** The pod as it is, with the resources that are asked for. */
export function withResources(asked: KubeObject, old: KubeObject): KubeObject {
  const wanted = new Map(ROLES.flatMap((role) => listAt(asked, 'spec', role)).map((container) => [textAt(container, 'name'), container['resources']]));
  const resized = (container: JsonObject): JsonObject => {
    const resources = wanted.get(textAt(container, 'name'));
    return resources === undefined ? container : { ...container, resources };
  };
  return onTop(asked, old, ROLES.reduce((spec, role) => changeEach(spec, role, resized), objectAt(old, 'spec')));
}

function onTop({ metadata: { resourceVersion, managedFields } }: KubeObject, old: KubeObject, spec: JsonObject): KubeObject {
  const metadata = { ...old.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(managedFields === undefined ? {} : { managedFields }) };
  return { ...old, metadata, spec } as unknown as KubeObject;
}

function checkDebugContainers(pod: KubeObject, old: KubeObject): readonly FieldFault[] {
  const now = new Map(listAt(pod, 'spec', 'ephemeralContainers').map((each) => [textAt(each, 'name'), each]));
  return listAt(old, 'spec', 'ephemeralContainers').flatMap((each) => {
    const name = textAt(each, 'name');
    const kept = now.get(name);
    if (kept !== undefined && sameJson(kept, each)) return [];
    return [forbidden('spec.ephemeralContainers', `existing ephemeral containers ${JSON.stringify(name)} may not be ${kept === undefined ? 'removed' : 'changed'}`)];
  });
}

function checkResize(pod: KubeObject, old: KubeObject): readonly FieldFault[] {
  const [spec, before] = [objectAt(pod, 'spec'), objectAt(old, 'spec')];
  const removed = ROLES.flatMap((role) => listAt(spec, role).flatMap((container, index) => ['limits', 'requests'].flatMap((kind) => {
    const had = objectAt(listAt(before, role).find((each) => each['name'] === container['name']), 'resources', kind);
    const has = objectAt(container, 'resources', kind);
    return COUNTED.some((name) => had[name] !== undefined && has[name] === undefined) ? [forbidden(`spec.${role}[${index}].resources.${kind}`, `resource ${kind} cannot be removed`)] : [];
  })));
  return [
    ...removed,
    ...(qosClass(spec) === qosClass(before) ? [] : [invalidValue('spec', qosClass(spec), 'Pod QOS Class may not change as a result of resizing')]),
    ...(sameJson(unresizable(spec), unresizable(before)) ? [] : [forbidden('spec', 'only cpu and memory resources for containers and sidecar containers are mutable')]),
  ];
}

/** What a resize leaves as it is. */
function unresizable(spec: JsonObject): JsonObject {
  const counted = (list: JsonObject): JsonObject => Object.fromEntries(Object.entries(list).filter(([name]) => !COUNTED.includes(name))) as JsonObject;
  const rest = (container: JsonObject): JsonObject => {
    const { limits, requests, ...others } = objectAt(container, 'resources');
    return { ...container, resources: { ...others, limits: counted(isObject(limits) ? limits : {}), requests: counted(isObject(requests) ? requests : {}) } };
  };
  return changeEach(changeEach(spec, 'containers', rest), 'initContainers', (container) => (container['restartPolicy'] === 'Always' ? rest(container) : container));
}

/** How sure a pod is of what it asks for (kubernetes.io, "Pod Quality of Service Classes"). */
export function qosClass(spec: JsonObject): string {
  const containers = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
  const counted = (value: JsonObject): Record<string, Json | undefined> => Object.fromEntries(COUNTED.flatMap((name) => (isZero(value[name]) ? [] : [[name, value[name]]])));
  const asked = containers.map((each) => [counted(objectAt(each, 'resources', 'requests')), counted(objectAt(each, 'resources', 'limits'))] as const);
  if (asked.every(([requests, limits]) => Object.keys(requests).length + Object.keys(limits).length === 0)) return 'BestEffort';
  return asked.every(([requests, limits]) => COUNTED.every((name) => limits[name] !== undefined && textOf(requests[name] ?? limits[name]) === textOf(limits[name]))) ? 'Guaranteed' : 'Burstable';
}

const isZero = (value: Json | undefined): boolean => value === undefined || value === null || /^0+[a-zA-Z]*$/.test(textOf(value));
