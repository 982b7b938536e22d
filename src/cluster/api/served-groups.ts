import type { AggregatedVersion } from './aggregation/aggregated-apis.ts';
import { CUSTOM_PRIORITY, localPriority, type Priority } from './aggregation/local-priority.ts';
import { byPreference, type ResourceRegistry } from './resource-registry.ts';

export interface ServedVersion {
  readonly version: string;
  /** Another server has it. */
  readonly remote?: AggregatedVersion;
}

const OWN_GROUP = 'apiregistration.k8s.io';

/** Groups with their versions, of this server and of those behind it, each in the order of preference (kube-aggregator, `SortedByGroupAndVersion`); the core group, whose name is empty, is among them. */
export function servedGroups(registry: ResourceRegistry, remotes: readonly AggregatedVersion[]): ReadonlyMap<string, readonly ServedVersion[]> {
  const found = new Map<string, Map<string, AggregatedVersion | undefined>>();
  const add = (group: string, version: string, remote?: AggregatedVersion): void => {
    const versions = found.get(group) ?? new Map<string, AggregatedVersion | undefined>();
    found.set(group, versions.set(version, remote));
  };
  for (const [group, versions] of registry.groups()) for (const version of versions) add(group, version);
  for (const remote of remotes) add(remote.group, remote.version, remote);
  const priority = (group: string, version: string, remote: AggregatedVersion | undefined): Priority => {
    if (remote !== undefined) return { group: remote.groupPriority, version: remote.versionPriority };
    return registry.inGroupVersion(group, version).some(({ custom }) => custom !== undefined) ? CUSTOM_PRIORITY : localPriority(group, version);
  };
  return new Map([...found].map(([group, versions]) => {
    const ranked = [...versions].map(([version, remote]) => ({ version, remote, rank: priority(group, version, remote) }));
    ranked.sort((a, b) => b.rank.version - a.rank.version || byPreference(a.version, b.version));
    const first = group === OWN_GROUP ? Infinity : Math.max(...ranked.map(({ rank }) => rank.group));
    return { group, first, versions: ranked.map(({ version, remote }): ServedVersion => ({ version, ...(remote === undefined ? {} : { remote }) })) };
  }).sort((a, b) => (b.first === a.first ? 0 : b.first - a.first)).map(({ group, versions }) => [group, versions]));
}
