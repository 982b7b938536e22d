import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { isMirror, nodeOf, referencesOf } from '../access/node-graph.ts';
import { nodeOfUser } from '../access/node-rights.ts';
import type { AdmissionOptions, AdmissionPlugin } from '../admission.ts';
import { forbidden } from '../refusals.ts';
import { same } from '../same.ts';
import { isPod, objectOf } from './pod-spec.ts';

const LEASES = 'kube-node-lease';
/** Labels of Kubernetes that a node may say of itself (kubernetes.io, "Admission Control in Kubernetes", NodeRestriction). */
const OWN_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname', 'kubernetes.io/arch', 'kubernetes.io/os', 'beta.kubernetes.io/arch', 'beta.kubernetes.io/os', 'beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/region', 'topology.kubernetes.io/zone',
]);
const OWN_PREFIXES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

type Check = (node: string, of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, options: AdmissionOptions) => string | undefined;

/** Keeps nodes to themselves and to their own pods: what the authoriser can't tell from the path of a request alone. */
export function nodeRestriction(): AdmissionPlugin {
  const check = (of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined, options: AdmissionOptions): void => {
    const node = options.requester === undefined ? undefined : nodeOfUser(options.requester);
    const why = node === undefined ? undefined : CHECKS.get(`${of.group}/${of.plural}`)?.(node, of, object, old, options);
    if (why !== undefined) throw forbidden(of, object.metadata.name, why);
  };
  return {
    name: 'NodeRestriction',
    async create(of, object, options) {
      check(of, object, undefined, options);
      return object;
    },
    async update(of, object, old, options) {
      check(of, object, old, options);
      return object;
    },
    async delete(of, object, { requester }) {
      const node = requester === undefined ? undefined : nodeOfUser(requester);
      if (node === undefined) return;
      if (isPod(of) && nodeOf(object) !== node) throw forbidden(of, object.metadata.name, `node ${JSON.stringify(node)} can only delete pods with spec.nodeName set to itself`);
      if (of.group === '' && of.plural === 'nodes') throw forbidden(of, object.metadata.name, `node ${JSON.stringify(node)} is not allowed to delete itself or others`);
    },
  };
}

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([['/pods', checkPod], ['/nodes', checkNode], ['coordination.k8s.io/leases', checkLease], ['storage.k8s.io/csinodes', checkStorageNode]]);

function checkPod(node: string, _of: ResourceDefinition, pod: KubeObject, old: KubeObject | undefined, { subresource }: AdmissionOptions): string | undefined {
  const name = JSON.stringify(node);
  if (old === undefined) {
    if (!isMirror(pod)) return `pod does not have "kubernetes.io/config.mirror" annotation, node ${name} can only create mirror pods`;
    if (nodeOf(pod) !== node) return `node ${name} can only create pods with spec.nodeName set to itself`;
    if (referencesOf({ ...pod, metadata: { ...pod.metadata, annotations: {} } }).length > 0) return `node ${name} can not create pods that reference service accounts, secrets, configmaps or persistentvolumeclaims`;
    return (pod.metadata.ownerReferences ?? []).every((owner) => owner.kind === 'Node' && owner.name === node) ? undefined : `node ${name} can only create pods with an owner reference set to itself`;
  }
  if (subresource !== 'status') return `unexpected pod subresource ${JSON.stringify(subresource ?? '')}, only 'status' and 'eviction' are allowed`;
  if (nodeOf(old) !== node) return `node ${name} can only update pod status for pods with spec.nodeName set to itself`;
  return same(pod.metadata.labels ?? {}, old.metadata.labels ?? {}) ? undefined : `node ${name} cannot update labels through pod status`;
}

function checkNode(node: string, _of: ResourceDefinition, object: KubeObject, old: KubeObject | undefined): string | undefined {
  const name = JSON.stringify(node);
  if (object.metadata.name !== node) return `node ${name} is not allowed to modify node ${JSON.stringify(object.metadata.name)}`;
  const labels = forbiddenLabels(object.metadata.labels ?? {}, old?.metadata.labels ?? {});
  if (labels.length > 0) return `node ${name} is not allowed to ${old === undefined ? 'set the following' : 'modify'} labels: ${labels.join(', ')}`;
  if (old === undefined) return undefined;
  if (!same(object.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) return `node ${name} is not allowed to modify ownerReferences`;
  const taints = (of: KubeObject): object => ({ taints: objectOf(asJson(of)['spec'])['taints'] ?? [] });
  return same(taints(object), taints(old)) ? undefined : `node ${name} is not allowed to modify taints`;
}

function checkLease(node: string, _of: ResourceDefinition, { metadata }: KubeObject): string | undefined {
  if (metadata.namespace !== LEASES) return `can only access leases in the "${LEASES}" system namespace`;
  return metadata.name === node ? undefined : `can only access node lease with the same name as the requesting node`;
}

function checkStorageNode(node: string, _of: ResourceDefinition, { metadata }: KubeObject): string | undefined {
  return metadata.name === node ? undefined : `can only access CSINode with the same name as the requesting node`;
}

/** Those of Kubernetes' own that are set, changed or taken away and not a node's to say. */
function forbiddenLabels(next: Readonly<Record<string, string>>, before: Readonly<Record<string, string>>): readonly string[] {
  const changed = [...new Set([...Object.keys(next), ...Object.keys(before)])].filter((key) => next[key] !== before[key]);
  return changed.filter((key) => isOfKubernetes(key) && !OWN_LABELS.has(key) && !OWN_PREFIXES.some((prefix) => isWithin(key, prefix))).sort();
}

const prefixOf = (label: string): string => (label.includes('/') ? label.slice(0, label.indexOf('/')) : '');
const isOfKubernetes = (label: string): boolean => isWithin(label, 'kubernetes.io') || isWithin(label, 'k8s.io');
const isWithin = (label: string, domain: string): boolean => prefixOf(label) === domain || prefixOf(label).endsWith(`.${domain}`);
