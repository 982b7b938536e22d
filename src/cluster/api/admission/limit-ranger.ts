import type { Json, JsonObject } from '#base/json.ts';
import { compareQuantities, formatQuantity, type Quantity } from '#cluster/kinds/quantity.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { AdmissionPlugin } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';
import { forbidden } from '../refusals.ts';
import { eachContainer, isPod, objectOf, objectsOf, podSpec, textOf } from './pod-spec.ts';
import { amountsIn, podAmounts, type Amounts } from './resource-amounts.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** Gives containers the requests and limits of their namespace, and refuses what is beyond (upstream's plugin LimitRanger). */
export function limitRanger(view: ObjectView): AdmissionPlugin {
  const limitsIn = (namespace: string | undefined): readonly JsonObject[] => view.list('limitranges', namespace).flatMap((range) => objectsOf(objectOf(range['spec'] as Json | undefined)['limits']));
  return {
    name: 'LimitRanger',
    async create(of, object) {
      const isClaim = of.group === '' && of.plural === 'persistentvolumeclaims';
      if (!isPod(of) && !isClaim) return object;
      const limits = limitsIn(object.metadata.namespace);
      if (limits.length === 0) return object;
      const filled = isPod(of) ? limits.reduce(filledBy, object) : object;
      const faults = limits.flatMap((limit) => (isPod(of) ? podFaults(podSpec(filled), limit) : claimFaults(filled, limit)));
      if (faults.length > 0) throw forbidden(of, object.metadata.name, faults.length === 1 ? faults[0] as string : `[${faults.join(', ')}]`);
      return filled;
    },
    async update(of, object, _old, { subresource }) {
      if (!isPod(of) || subresource !== 'resize') return object;
      const faults = limitsIn(object.metadata.namespace).flatMap((limit) => podFaults(podSpec(object), limit));
      if (faults.length > 0) throw forbidden(of, object.metadata.name, faults.join(', '));
      return object;
    },
  };
}

/** What was set is written down in an annotation, container by container. */
function filledBy(pod: KubeObject, limit: JsonObject): KubeObject {
  if (limit['type'] !== 'Container') return pod;
  const notes: string[] = [];
  const spec = eachContainer(podSpec(pod), (container) => {
    const resources = objectOf(container['resources']);
    const set = (name: 'limits' | 'requests', defaults: JsonObject): JsonObject => {
      const own = objectOf(resources[name]);
      const missing = Object.entries(defaults).filter(([key]) => own[key] === undefined);
      if (missing.length > 0) notes.push(`${missing.map(([key]) => key).sort().join(', ')} ${name.slice(0, -1)} for container ${textOf(container['name'])}`);
      return missing.length === 0 ? {} : { [name]: { ...own, ...Object.fromEntries(missing) } };
    };
    return { ...container, resources: { ...resources, ...set('requests', objectOf(limit['defaultRequest'])), ...set('limits', objectOf(limit['default'])) } };
  });
  if (notes.length === 0) return pod;
  const { metadata } = pod;
  return asObject({ ...asJson(pod), spec, metadata: { ...asJson(pod)['metadata'] as JsonObject, annotations: { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` } } });
}

function podFaults(spec: JsonObject, limit: JsonObject): readonly string[] {
  if (limit['type'] === 'Pod') return faultsOf('Pod', limit, podAmounts(spec, 'requests'), podAmounts(spec, 'limits'));
  if (limit['type'] !== 'Container') return [];
  return ['initContainers', 'containers'].flatMap((name) => objectsOf(spec[name])).flatMap((container) => {
    const resources = objectOf(container['resources']);
    return faultsOf('Container', limit, amountsIn(resources['requests']), amountsIn(resources['limits']));
  });
}

function faultsOf(type: string, limit: JsonObject, requests: Amounts, limits: Amounts): readonly string[] {
  return [
    ...[...amountsIn(limit['min'])].flatMap(([name, least]) => minimumFault(`minimum ${name} usage per ${type} is ${formatQuantity(least)}`, least, requests.get(name), limits.get(name))),
    ...[...amountsIn(limit['max'])].flatMap(([name, most]) => maximumFault(`maximum ${name} usage per ${type} is ${formatQuantity(most)}`, most, requests.get(name), limits.get(name))),
    ...[...amountsIn(limit['maxLimitRequestRatio'])].flatMap(([name, ratio]) => ratioFault(`${name} max limit to request ratio per ${type} is ${formatQuantity(ratio)}`, ratio, requests.get(name), limits.get(name))),
  ];
}

function minimumFault(words: string, least: Quantity, request: Quantity | undefined, limit: Quantity | undefined): readonly string[] {
  if (request === undefined) return [`${words}.  No request is specified`];
  if (compareQuantities(request, least) < 0) return [`${words}, but request is ${formatQuantity(request)}`];
  return limit !== undefined && compareQuantities(limit, least) < 0 ? [`${words}, but limit is ${formatQuantity(limit)}`] : [];
}

function maximumFault(words: string, most: Quantity, request: Quantity | undefined, limit: Quantity | undefined): readonly string[] {
  if (limit === undefined) return [`${words}.  No limit is specified`];
  if (compareQuantities(limit, most) > 0) return [`${words}, but limit is ${formatQuantity(limit)}`];
  return request !== undefined && compareQuantities(request, most) > 0 ? [`${words}, but request is ${formatQuantity(request)}`] : [];
}

function ratioFault(words: string, ratio: Quantity, request: Quantity | undefined, limit: Quantity | undefined): readonly string[] {
  if (request === undefined || request.nano === 0n) return [`${words}, but no request is specified or request is 0`];
  if (limit === undefined || limit.nano === 0n) return [`${words}, but no limit is specified or limit is 0`];
  const given = Number(limit.nano) / Number(request.nano);
  return given > Number(ratio.nano) / 1e9 ? [`${words}, but provided ratio is ${given.toFixed(6)}`] : [];
}

function claimFaults(claim: KubeObject, limit: JsonObject): readonly string[] {
  if (limit['type'] !== 'PersistentVolumeClaim') return [];
  const requests = amountsIn(objectOf(objectOf(claim['spec'] as Json | undefined)['resources'])['requests']);
  const bounds = (of: 'min' | 'max'): readonly string[] => [...amountsIn(limit[of])].flatMap(([name, bound]) => {
    const words = `${of === 'min' ? 'minimum' : 'maximum'} ${name} usage per PersistentVolumeClaim is ${formatQuantity(bound)}`;
    const request = requests.get(name);
    if (request === undefined) return [`${words}.  No request is specified`];
    const difference = compareQuantities(request, bound);
    return (of === 'min' ? difference < 0 : difference > 0) ? [`${words}, but request is ${formatQuantity(request)}`] : [];
  });
  return [...bounds('min'), ...bounds('max')];
}
