import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { isPod, objectOf, objectsOf, podSpec, textOf } from './pod-spec.ts';
import { amountsIn, count, podAmounts, type Amounts } from './resource-amounts.ts';

type Place = Pick<ResourceDefinition, 'group' | 'plural'>;

/** Kinds that a quota names as they are; all others by `count/`. */
const PLAIN: ReadonlySet<string> = new Set(['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'secrets', 'configmaps', 'persistentvolumeclaims']);
/** Of what a pod asks for, these count also under their own name. */
const SHORT: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);
const STORAGE = '.storageclass.storage.k8s.io/';
const COMPUTE: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

/** What an object counts for in a quota, under every name that a quota may have for it (kubernetes.io, "Resource Quotas"). */
export function quotaUsage(of: Place, object: KubeObject): Amounts {
  if (isPod(of) && isOver(object)) return new Map();
  const one = count(1);
  const usage = new Map([[`count/${of.group === '' ? of.plural : `${of.plural}.${of.group}`}`, one]]);
  if (of.group !== '') return usage;
  if (PLAIN.has(of.plural)) usage.set(of.plural, one);
  const further = of.plural === 'pods' ? podUsage(podSpec(object)) : of.plural === 'services' ? serviceUsage(object) : of.plural === 'persistentvolumeclaims' ? claimUsage(object) : new Map<string, ReturnType<typeof count>>();
  return new Map([...usage, ...further]);
}

function podUsage(spec: JsonObject): Amounts {
  const requests = [...podAmounts(spec, 'requests')].flatMap(([name, quantity]) => [...(SHORT.has(name) ? [[name, quantity] as const] : []), [`requests.${name}`, quantity] as const]);
  return new Map([...requests, ...[...podAmounts(spec, 'limits')].map(([name, quantity]) => [`limits.${name}`, quantity] as const)]);
}

function serviceUsage(service: KubeObject): Amounts {
  const spec = objectOf(service['spec'] as Json | undefined);
  const [type, ports] = [spec['type'], objectsOf(spec['ports']).length];
  if (type === 'NodePort') return new Map([['services.nodeports', count(ports)]]);
  return type === 'LoadBalancer' ? new Map([['services.loadbalancers', count(1)], ['services.nodeports', count(spec['allocateLoadBalancerNodePorts'] === false ? 0 : ports)]]) : new Map();
}

function claimUsage(claim: KubeObject): Amounts {
  const spec = objectOf(claim['spec'] as Json | undefined);
  const asked = amountsIn(objectOf(spec['resources'])['requests']).get('storage') ?? count(0);
  const kind = spec['storageClassName'];
  return new Map([['requests.storage', asked], ...(typeof kind === 'string' && kind !== '' ? [[`${kind}${STORAGE}requests.storage`, asked] as const, [`${kind}${STORAGE}persistentvolumeclaims`, count(1)] as const] : [])]);
}

function isOver(pod: KubeObject): boolean {
  const phase = objectOf(pod['status'] as Json | undefined)['phase'];
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Whether a quota is about this object: quotas with scopes are about pods that are of each of them. */
export function quotaMatches(quota: KubeObject, of: Place, object: KubeObject): boolean {
  const spec = objectOf(quota['spec'] as Json | undefined);
  const scopes = Array.isArray(spec['scopes']) ? (spec['scopes'] as readonly Json[]).map(textOf) : [];
  const selected = objectsOf(objectOf(spec['scopeSelector'])['matchExpressions']);
  if (scopes.length === 0 && selected.length === 0) return true;
  if (!isPod(of)) return false;
  const pod = podSpec(object);
  return scopes.every((scope) => isOfScope(pod, scope)) && selected.every((each) => matchesExpression(pod, each));
}

function isOfScope(spec: JsonObject, scope: string): boolean {
  switch (scope) {
    case 'Terminating': return typeof spec['activeDeadlineSeconds'] === 'number';
    case 'NotTerminating': return typeof spec['activeDeadlineSeconds'] !== 'number';
    case 'BestEffort': return isBestEffort(spec);
    case 'NotBestEffort': return !isBestEffort(spec);
    case 'PriorityClass': return typeof spec['priorityClassName'] === 'string' && spec['priorityClassName'] !== '';
    case 'CrossNamespacePodAffinity': return reachesOtherNamespaces(objectOf(spec['affinity']));
    default: return false;
  }
}

function isBestEffort(spec: JsonObject): boolean {
  return ['initContainers', 'containers'].flatMap((name) => objectsOf(spec[name])).every(({ resources }) => ['requests', 'limits'].every((name) => [...amountsIn(objectOf(resources)[name])].every(([key, { nano }]) => nano === 0n || (key !== 'cpu' && key !== 'memory'))));
}

function reachesOtherNamespaces(affinity: JsonObject): boolean {
  const terms = ['podAffinity', 'podAntiAffinity'].map((name) => objectOf(affinity[name])).flatMap((each) => [
    ...objectsOf(each['requiredDuringSchedulingIgnoredDuringExecution']), ...objectsOf(each['preferredDuringSchedulingIgnoredDuringExecution']).map(({ podAffinityTerm }) => objectOf(podAffinityTerm)),
  ]);
  return terms.some((term) => (Array.isArray(term['namespaces']) && term['namespaces'].length > 0) || (term['namespaceSelector'] !== undefined && term['namespaceSelector'] !== null));
}

function matchesExpression(spec: JsonObject, { scopeName, operator, values }: JsonObject): boolean {
  const scope = textOf(scopeName);
  if (scope !== 'PriorityClass') return isOfScope(spec, scope) === (operator !== 'DoesNotExist');
  const name = typeof spec['priorityClassName'] === 'string' ? spec['priorityClassName'] : '';
  const listed = Array.isArray(values) && values.includes(name);
  switch (operator) {
    case 'In': return listed;
    case 'NotIn': return !listed;
    case 'DoesNotExist': return name === '';
    default: return name !== '';
  }
}

/** What the containers of a pod have to say where a quota counts it: `limits.cpu for: a,b; requests.memory for: a`. */
export function unsaid(names: readonly string[], spec: JsonObject): string {
  const missing = names.filter((name) => COMPUTE.has(name)).toSorted().flatMap((name) => {
    const [of, resource] = name.startsWith('limits.') ? ['limits', name.slice('limits.'.length)] : ['requests', name.replace(/^requests\./, '')];
    if (amountsIn(objectOf(spec['resources'])[of as string]).has(resource as string)) return [];
    const silent = ['initContainers', 'containers'].flatMap((list) => objectsOf(spec[list])).filter((container) => !amountsIn(objectOf(objectOf(container['resources'])[of as string])).has(resource as string)).map((container) => textOf(container['name']));
    return silent.length === 0 ? [] : [`${name} for: ${silent.toSorted().join(',')}`];
  });
  return missing.join('; ');
}
