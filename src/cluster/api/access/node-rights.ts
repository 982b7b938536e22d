import { asJson } from '#cluster/kinds/object.ts';
import { objectOf } from '../admission/pod-spec.ts';
import type { User } from '../api-request.ts';
import type { ObjectView } from '../object-view.ts';
import type { Decision } from './authorizer.ts';
import { defaultRoles } from './default-roles.ts';
import type { NodeGraph, ReferredKind } from './node-graph.ts';
import { ruleAllows, type Action } from './policy-rule.ts';

const PREFIX = 'system:node:';
const LEASES = 'kube-node-lease';
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
const OWN: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);
const RULES = defaultRoles.find(({ name }) => name === 'system:node')?.rules ?? [];

type ResourceAction = Action & { readonly kind: 'resource' };

/** The node that a user is; undefined for everybody else (kubernetes.io, "Using Node Authorization"). */
export function nodeOfUser({ name, groups }: User): string | undefined {
  return name.startsWith(PREFIX) && name.length > PREFIX.length && groups.includes('system:nodes') ? name.slice(PREFIX.length) : undefined;
}

/**
 * What a node may do: read what its own pods need and nothing else of that kind, write itself and its lease, and for the rest
 * what the role `system:node` has. The words are upstream's (plugin/pkg/auth/authorizer/node).
 */
export function nodeMay(node: string, action: Action, graph: NodeGraph, view: ObjectView): Decision {
  if (action.kind === 'resource') {
    const special = DECISIONS.get(`${action.group}/${action.resource}`);
    const refusal = special?.({ node, action, graph, view });
    if (refusal === true) return { allowed: true, reason: '' };
    if (typeof refusal === 'string') return { allowed: false, reason: refusal };
  }
  return { allowed: RULES.some((rule) => ruleAllows(rule, action)), reason: '' };
}

interface Asked {
  readonly node: string;
  readonly action: ResourceAction;
  readonly graph: NodeGraph;
  readonly view: ObjectView;
}

/** True: it may. A text: why not. Undefined: the role says. */
type Judge = (asked: Asked) => true | string | undefined;

const DECISIONS: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['/secrets', (asked) => readReferred(asked, 'secrets')],
  ['/configmaps', (asked) => readReferred(asked, 'configmaps')],
  ['/persistentvolumeclaims', claim],
  ['/persistentvolumes', volume],
  ['/serviceaccounts', account],
  ['/nodes', ownNode],
  ['/pods', podOfNode],
  ['coordination.k8s.io/leases', lease],
  ['storage.k8s.io/csinodes', storageNode],
  ['storage.k8s.io/volumeattachments', attachment],
]);

const unrelated = (node: string): string => `no relationship found between node '${node}' and this object`;

function readReferred({ node, action, graph }: Asked, kind: ReferredKind): true | string {
  if (!READS.has(action.verb)) return 'can only read resources of this type';
  if (action.subresource !== '') return 'cannot read subresource';
  if (action.namespace === '') return 'can only read namespaced object of this type';
  if (action.name === '') return 'No Object name found';
  return graph.refers(node, kind, action.namespace, action.name) || unrelated(node);
}

function claim({ node, action, graph }: Asked): true | string {
  const { verb, subresource, namespace, name } = action;
  if (subresource === 'status') {
    if (verb !== 'update' && verb !== 'patch') return 'can only get/update/patch this type';
  } else if (verb !== 'get') return 'can only get individual resources of this type';
  else if (subresource !== '') return 'cannot get subresource';
  return graph.refers(node, 'persistentvolumeclaims', namespace, name) || unrelated(node);
}

/** One that is bound to a claim which a pod of the node uses. */
function volume({ node, action, graph, view }: Asked): true | string {
  if (action.verb !== 'get') return 'can only get individual resources of this type';
  if (action.subresource !== '') return 'cannot get subresource';
  const found = view.get('persistentvolumes', undefined, action.name);
  const { name, namespace } = objectOf(objectOf(found === undefined ? undefined : asJson(found)['spec'])['claimRef']);
  return (typeof name === 'string' && typeof namespace === 'string' && graph.refers(node, 'persistentvolumeclaims', namespace, name)) || unrelated(node);
}

function account({ node, action, graph }: Asked): true | string {
  const { verb, subresource, namespace, name } = action;
  if (subresource !== 'token') return subresource === '' ? 'can only create tokens for individual service accounts' : 'can only create token subresource of service account';
  if (verb !== 'create' || name === '') return 'can only create tokens for individual service accounts';
  return graph.refers(node, 'serviceaccounts', namespace, name) || unrelated(node);
}

function ownNode({ node, action: { verb, subresource, name } }: Asked): true | string | undefined {
  if (subresource !== '' && subresource !== 'status') return undefined;
  // What a node that makes itself is called is the admission's to see.
  if (verb === 'create' && subresource === '' && name === '') return undefined;
  if (name === node) return undefined;
  return READS.has(verb) ? `node '${node}' cannot read '${name}', only its own Node object` : `node '${node}' cannot ${verb} '${name}', only its own Node object`;
}

function podOfNode({ node, action, graph }: Asked): true | string | undefined {
  const { verb, subresource, name, namespace, selectedNode } = action;
  if (subresource !== '' || !READS.has(verb)) return undefined;
  if (verb === 'get') return graph.has(node, namespace, name) || unrelated(node);
  return selectedNode === node || `can only list/watch pods with spec.nodeName field selector`;
}

function lease({ node, action: { verb, namespace, name } }: Asked): true | string {
  if (!OWN.has(verb)) return 'can only get, create, update, patch, or delete a node lease';
  if (namespace !== LEASES) return `can only access leases in the "${LEASES}" system namespace`;
  return (verb === 'create' && name === '') || name === node || 'can only access node lease with the same name as the requesting node';
}

function storageNode({ node, action: { verb, name, subresource } }: Asked): true | string {
  if (!OWN.has(verb)) return 'can only get, create, update, patch, or delete a CSINode';
  if (subresource !== '') return 'cannot authorize CSINode subresources';
  return (verb === 'create' && name === '') || name === node || 'can only access CSINode with the same name as the requesting node';
}

function attachment({ node, action, view }: Asked): true | string {
  if (action.verb !== 'get') return 'can only get individual resources of this type';
  if (action.subresource !== '') return 'cannot get subresource';
  const found = view.get('storage.k8s.io/volumeattachments', undefined, action.name);
  return (found !== undefined && objectOf(asJson(found)['spec'])['nodeName'] === node) || unrelated(node);
}
