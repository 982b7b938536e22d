import type { KubeObject } from '#cluster/kinds/object.ts';
import type { View } from '#cluster/loop/controller.ts';
import type { Index } from '#cluster/loop/object-index.ts';
import { specOf } from './pod-shape.ts';
import { MANAGED_BY, selects, SERVICE_NAME, SLICES, type ServiceSpec } from './service-shape.ts';

/** More labels than that, of those that services select by, are gone through service by service. */
const MOST_LABELS = 10;

type Pair = readonly [name: string, value: string];

const textOf = (namespace: string | undefined, pairs: readonly Pair[]): string => `${namespace ?? ''}/${JSON.stringify(pairs)}`;
const sorted = (labels: Readonly<Record<string, string>>): readonly Pair[] => Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));

const podsByLabel: Index = { keysOf: ({ metadata }) => Object.entries(metadata.labels ?? {}).map((pair) => textOf(metadata.namespace, [pair])) };
const servicesBySelector: Index = { keysOf: (service) => [textOf(service.metadata.namespace, sorted(specOf<ServiceSpec>(service).selector ?? {}))] };
const servicesByName: Index = { keysOf: (service) => Object.keys(specOf<ServiceSpec>(service).selector ?? {}).map((name) => `${service.metadata.namespace ?? ''}/${name}`) };
const slicesByService: Index = { keysOf: ({ metadata }) => [`${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME] ?? ''}`] };

/** The services that select a pod, whatever others there are. */
export function servicesOf(pod: KubeObject, view: View): readonly KubeObject[] {
  const { namespace, labels = {} } = pod.metadata;
  const pairs = sorted(labels).filter(([name]) => view.indexed('services', servicesByName, `${namespace ?? ''}/${name}`).size > 0);
  if (pairs.length > MOST_LABELS) return view.list('services', namespace).filter((service) => selects(service, pod));
  return subsetsOf(pairs).flatMap((each) => [...view.indexed('services', servicesBySelector, textOf(namespace, each))]);
}

/** All but the empty one, each in the order of what it is of. */
function subsetsOf(pairs: readonly Pair[]): readonly (readonly Pair[])[] {
  return pairs.reduce<readonly (readonly Pair[])[]>((subsets, pair) => [...subsets, ...subsets.map((subset) => [...subset, pair]), [pair]], []);
}

/** The pods that a service selects. */
export function podsOf(service: KubeObject, view: View): readonly KubeObject[] {
  const { namespace } = service.metadata;
  const [fewest] = Object.entries(specOf<ServiceSpec>(service).selector ?? {}).map((pair) => view.indexed('pods', podsByLabel, textOf(namespace, [pair]))).sort((a, b) => a.size - b.size);
  return fewest === undefined ? [] : [...fewest].filter((pod) => selects(service, pod));
}

/** The slices of a service that are of this manager, by their names. */
export function slicesOf(namespace: string | undefined, service: string, manager: string, view: View): readonly KubeObject[] {
  return [...view.indexed(SLICES, slicesByService, `${namespace ?? ''}/${service}`)].filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === manager).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
