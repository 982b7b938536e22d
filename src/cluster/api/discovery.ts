import type { JsonObject } from '#base/json.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import type { ResourceDefinition, Subresource } from '#cluster/kinds/resource-definition.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import type { ServedVersion } from './served-groups.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SUB_VERBS: Readonly<Record<Subresource, readonly string[]>> = {
  status: ['get', 'patch', 'update'], scale: ['get', 'patch', 'update'], ephemeralcontainers: ['get', 'patch', 'update'], resize: ['get', 'patch', 'update'], approval: ['get', 'patch', 'update'],
  finalize: ['update'], log: ['get'], exec: ['create', 'get'], attach: ['create', 'get'], portforward: ['create', 'get'], proxy: ['create', 'delete', 'get', 'patch', 'update'],
  eviction: ['create'], binding: ['create'], token: ['create'],
};
/** The kind that a subresource speaks, where it is another than its resource's. */
const SUB_KINDS: Readonly<Partial<Record<Subresource, { readonly group: string; readonly version: string; readonly kind: string }>>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, eviction: { group: 'policy', version: 'v1', kind: 'Eviction' }, binding: { group: '', version: 'v1', kind: 'Binding' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }, exec: { group: '', version: 'v1', kind: 'PodExecOptions' }, attach: { group: '', version: 'v1', kind: 'PodAttachOptions' },
  portforward: { group: '', version: 'v1', kind: 'PodPortForwardOptions' }, proxy: { group: '', version: 'v1', kind: 'PodProxyOptions' },
};

const verbsOf = ({ isReview, kind, verbs }: ResourceDefinition): readonly string[] => verbs ?? (isReview || kind === 'Binding' ? ['create'] : VERBS);

/** `APIResourceList` of one group and version: the older form, one document each. */
export function resourceList(registry: ResourceRegistry, group: string, version: string): JsonObject {
  const resources = registry.inGroupVersion(group, version).flatMap((of): JsonObject[] => [
    {
      name: of.plural, singularName: of.singular, namespaced: of.namespaced, kind: of.kind, verbs: [...verbsOf(of)],
      ...(of.shortNames.length === 0 ? {} : { shortNames: [...of.shortNames] }), ...(of.categories.length === 0 ? {} : { categories: [...of.categories] }),
    },
    ...of.subresources.map((sub): JsonObject => ({ name: `${of.plural}/${sub}`, singularName: '', namespaced: of.namespaced, kind: of.kind, ...SUB_KINDS[sub], verbs: [...SUB_VERBS[sub]] })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: joinApiVersion(group, version), resources };
}

type Groups = ReadonlyMap<string, readonly ServedVersion[]>;

function groupOf(name: string, versions: readonly ServedVersion[]): JsonObject {
  const list = versions.map(({ version }): JsonObject => ({ groupVersion: joinApiVersion(name, version), version }));
  return { name, versions: list, preferredVersion: list[0] ?? {} };
}

export function groupList(groups: Groups): JsonObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups].filter(([name]) => name !== '').map(([name, versions]) => groupOf(name, versions)) };
}

export function groupDocument(groups: Groups, name: string): JsonObject | undefined {
  const versions = groups.get(name);
  return versions === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(name, versions) };
}

export const coreVersions: JsonObject = { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '' }] };

/** `APIGroupDiscoveryList`, all in one answer: of the core group for /api, of all others for /apis. */
export function aggregatedDiscovery(registry: ResourceRegistry, groups: Groups, isCore: boolean): JsonObject {
  const items = [...groups].filter(([name]) => (name === '') === isCore).map(([name, versions]): JsonObject => ({
    metadata: { name, creationTimestamp: null },
    versions: versions.map(({ version, remote }) => (remote === undefined ? { version, resources: registry.inGroupVersion(name, version).map(discovered), freshness: 'Current' } : { version, resources: remote.resources, freshness: remote.isCurrent ? 'Current' : 'Stale' })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function discovered(of: ResourceDefinition): JsonObject {
  return {
    resource: of.plural, responseKind: { group: of.group, version: of.version, kind: of.kind }, scope: of.namespaced ? 'Namespaced' : 'Cluster', singularResource: of.singular, verbs: [...verbsOf(of)],
    ...(of.shortNames.length === 0 ? {} : { shortNames: [...of.shortNames] }), ...(of.categories.length === 0 ? {} : { categories: [...of.categories] }),
    ...(of.subresources.length === 0 ? {} : { subresources: of.subresources.map((sub) => ({ subresource: sub, responseKind: SUB_KINDS[sub] ?? { group: of.group, version: of.version, kind: of.kind }, verbs: [...SUB_VERBS[sub]] })) }),
  };
}
