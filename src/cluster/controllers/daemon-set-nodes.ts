import type { Json, JsonObject } from '#base/json.ts';
import { matchesNode, tolerates, type NodeChoice, type Taint, type Toleration } from '#cluster/api/node-selector.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { specOf, type PodTemplate } from './pod-shape.ts';

/** Where a daemon may be: whether to start one there, and whether one that is there may stay. */
export interface NodeVerdict {
  readonly runs: boolean;
  readonly stays: boolean;
}

type DaemonSpec = NodeChoice & { readonly nodeName?: string; readonly tolerations?: readonly Toleration[]; readonly hostNetwork?: boolean };

/** What daemons bear that other pods don't (kubernetes.io, "DaemonSet", Taints and tolerations). */
const BORNE: readonly (readonly [name: string, effect: string])[] = [
  ['not-ready', 'NoExecute'], ['unreachable', 'NoExecute'], ['disk-pressure', 'NoSchedule'], ['memory-pressure', 'NoSchedule'], ['pid-pressure', 'NoSchedule'], ['unschedulable', 'NoSchedule'],
];
const NETWORK = ['network-unavailable', 'NoSchedule'] as const;

export function tolerationsOf({ spec = {} }: PodTemplate): readonly Toleration[] {
  const { tolerations = [], hostNetwork } = spec as DaemonSpec;
  const borne = hostNetwork === true ? [...BORNE, NETWORK] : BORNE;
  return [...tolerations, ...borne.map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect }))];
}

export function judgeNode(template: PodTemplate, node: KubeObject): NodeVerdict {
  const spec = (template.spec ?? {}) as DaemonSpec;
  const { name, labels = {} } = node.metadata;
  const isMeant = (spec.nodeName === undefined || spec.nodeName === '' || spec.nodeName === name) && matchesNode(spec, { name, labels });
  const tolerations = tolerationsOf(template);
  const untolerated = (specOf<{ taints?: readonly Taint[] }>(node).taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule').filter((taint) => !tolerates(tolerations, taint));
  return { runs: isMeant && untolerated.length === 0, stays: isMeant && untolerated.every(({ effect }) => effect !== 'NoExecute') };
}

/** The affinity of a template with one node for all that it required; what it preferred stays. */
export function affinityTo(template: PodTemplate, node: string): JsonObject {
  const affinity = (template.spec?.['affinity'] ?? {}) as JsonObject;
  const term: Json = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  return { ...affinity, nodeAffinity: { ...affinity['nodeAffinity'] as JsonObject | undefined, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } };
}

/** Where a daemon is, or is to be. */
export function nodeOf(pod: KubeObject): string | undefined {
  const { nodeName, affinity } = specOf<DaemonSpec>(pod);
  if (nodeName !== undefined && nodeName !== '') return nodeName;
  const fields = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]?.matchFields;
  return fields?.find(({ key }) => key === 'metadata.name')?.values?.[0];
}
