import type { KubeObject } from '#cluster/kinds/object.ts';
import type { DnsConfig } from '#container/model/sandbox.ts';
import { specOf } from './pod.ts';

export interface ClusterZone {
  /** `cluster.local` */
  readonly zone: string;
  /** The address of the service for names, for pods that have no network namespace of their own. */
  readonly server: string;
}

/** A name with fewer dots than this is looked for in the search domains first. */
const OPTIONS: readonly string[] = ['ndots:5'];
/** In a resolv.conf of nobody else's making: no domain of the host. */
const NO_DOMAIN = '.';

/** How a pod asks for names (`core.v1.PodSpec`: `dnsPolicy`, `dnsConfig`). */
export function dnsOf(pod: KubeObject, { zone, server }: ClusterZone): DnsConfig {
  const { hostNetwork = false, dnsPolicy = 'ClusterFirst', dnsConfig: asked = {} } = specOf(pod);
  const servers = asked.nameservers ?? [];
  const search = asked.searches ?? [];
  const options = (asked.options ?? []).map(({ name, value }) => value === undefined ? name : `${name}:${value}`);
  const domains = [`${pod.metadata.namespace ?? ''}.svc.${zone}`, `svc.${zone}`, zone];
  if (dnsPolicy === 'None') return { servers, search: search.length > 0 ? search : [NO_DOMAIN], options };
  const isOfCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  if (!isOfCluster) return { servers, search, options };
  const common = { search: [...new Set([...domains, ...search])], options: merged(OPTIONS, options) };
  return hostNetwork ? { ...common, servers: [server, ...servers] } : { ...common, servers, served: true };
}

/** What the pod says of an option counts. */
function merged(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const nameOf = (option: string): string => option.split(':', 1)[0] ?? '';
  const named = new Set(theirs.map(nameOf));
  return [...ours.filter((option) => !named.has(nameOf(option))), ...theirs];
}
