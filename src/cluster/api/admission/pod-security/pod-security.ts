import type { Json } from '#base/json.ts';
import { invalidValue } from '#cluster/kinds/kind-rules.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionOptions, AdmissionPlugin } from '../../admission.ts';
import type { ObjectView } from '../../object-view.ts';
import { forbidden, invalid } from '../../refusals.ts';
import { same } from '../../same.ts';
import { isPod, objectOf, podSpec, textOf } from '../pod-spec.ts';
import { labelFaults, policyOf, violationsOf, violationsText } from './level.ts';
import type { PodFacts } from './pod-facts.ts';

/** Kinds with a template of pods, and where it is: they are warned of, not refused. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  '/podtemplates': ['template'], '/replicationcontrollers': ['spec', 'template'], 'apps/replicasets': ['spec', 'template'], 'apps/deployments': ['spec', 'template'], 'apps/statefulsets': ['spec', 'template'], 'apps/daemonsets': ['spec', 'template'],
  'batch/jobs': ['spec', 'template'], 'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template'],
};
/** Of what is there already, so many are looked at when a namespace becomes stricter. */
const MOST_PODS = 3000;

/** Holds pods to the standard that their namespace asks for (kubernetes.io, "Pod Security Admission"). */
export function podSecurity(view: ObjectView): AdmissionPlugin {
  const check = (of: ResourceDefinition, object: KubeObject, { warn }: AdmissionOptions): void => {
    const pod = factsOf(of, object);
    const labels = pod === undefined ? undefined : view.get('namespaces', undefined, object.metadata.namespace ?? '')?.metadata.labels;
    if (pod === undefined || labels === undefined) return;
    const enforced = policyOf(labels, 'enforce');
    const broken = isPod(of) ? violationsOf(enforced.level, pod) : [];
    if (broken.length > 0) throw forbidden(of, object.metadata.name, `violates PodSecurity "${enforced.level}:${enforced.version}": ${violationsText(broken)}`);
    const warned = policyOf(labels, 'warn');
    const frowned = violationsOf(warned.level, pod);
    if (frowned.length > 0) warn?.(`would violate PodSecurity "${warned.level}:${warned.version}": ${violationsText(frowned)}`);
  };
  return {
    name: 'PodSecurity',
    async validate(object, { of, operation, old, options }) {
      const isNamespace = of.group === '' && of.plural === 'namespaces';
      if (operation === 'CREATE') {
        if (isNamespace) checkLabels(of, object);
        check(of, object, options);
      } else if (operation === 'UPDATE' && old !== undefined) {
        if (isNamespace) checkNamespace(view, of, object, old, options);
        else if (options.subresource !== 'status' && !isUnchanged(of, object, old)) check(of, object, options);
      }
    },
  };
}

/** What does not change is not looked at anew: a pod may go on that was there before its namespace was strict. */
function isUnchanged(of: ResourceDefinition, object: KubeObject, old: KubeObject): boolean {
  const [now, before] = [factsOf(of, object), factsOf(of, old)];
  return now === undefined || (before !== undefined && same(now.spec, before.spec) && same(now.annotations, before.annotations));
}

function factsOf(of: ResourceDefinition, object: KubeObject): PodFacts | undefined {
  if (isPod(of)) return { annotations: textsOf(asJson(object.metadata as unknown as KubeObject)['annotations']), spec: podSpec(object) };
  const path = TEMPLATES[`${of.group}/${of.plural}`];
  if (path === undefined) return undefined;
  const template = path.reduce<Json>((value, name) => objectOf(value)[name] ?? {}, object as unknown as Json);
  return { annotations: textsOf(objectOf(objectOf(template)['metadata'])['annotations']), spec: objectOf(objectOf(template)['spec']) };
}

function textsOf(value: Json | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([key, each]) => [key, textOf(each)]));
}

function checkLabels(of: ResourceDefinition, namespace: KubeObject): void {
  const faults = labelFaults(namespace.metadata.labels ?? {});
  if (faults.length > 0) throw invalid(of, namespace.metadata.name, faults.map(({ key, value, why }) => invalidValue(`metadata.labels[${key}]`, value, why)));
}

function checkNamespace(view: ObjectView, of: ResourceDefinition, namespace: KubeObject, old: KubeObject, { warn }: AdmissionOptions): void {
  const [labels, before] = [namespace.metadata.labels ?? {}, old.metadata.labels ?? {}];
  if (same(labels, before)) return;
  checkLabels(of, namespace);
  const policy = policyOf(labels, 'enforce');
  if (policy.level === 'privileged' || same(policy, policyOf(before, 'enforce'))) return;
  const byText = new Map<string, string[]>();
  for (const pod of view.list('pods', namespace.metadata.name).slice(0, MOST_PODS)) {
    const text = violationsOf(policy.level, { annotations: pod.metadata.annotations ?? {}, spec: podSpec(pod) }).map(({ reason }) => reason).join(', ');
    if (text !== '') byText.set(text, [...byText.get(text) ?? [], pod.metadata.name]);
  }
  if (byText.size === 0) return;
  warn?.(`existing pods in namespace ${JSON.stringify(namespace.metadata.name)} violate the new PodSecurity enforce level "${policy.level}:${policy.version}"`);
  for (const [text, [first = '', ...others]] of byText) warn?.(`${first}${others.length === 0 ? '' : ` (and ${others.length} other pod${others.length === 1 ? '' : 's'})`}: ${text}`);
}
