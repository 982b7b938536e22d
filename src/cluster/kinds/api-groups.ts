/** Upstream's package of a group where its name does not begin as the group's does. */
const PACKAGES: Readonly<Record<string, string>> = {
  '': 'core', 'rbac.authorization.k8s.io': 'rbac', 'flowcontrol.apiserver.k8s.io': 'flowcontrol', 'internal.apiserver.k8s.io': 'apiserverinternal',
};
/** Kinds that every group has in its version, and whose message is meta's. */
const META_KINDS: ReadonlySet<string> = new Set([
  'APIGroup', 'APIVersions', 'CreateOptions', 'DeleteOptions', 'GetOptions', 'ListOptions', 'PatchOptions', 'UpdateOptions', 'Status', 'WatchEvent',
]);

/** The message of a kind: `core.v1.Pod` for `v1` and `Pod`. Undefined for a group that is not upstream's. */
export function messageNameOf(apiVersion: string, kind: string): string | undefined {
  if (META_KINDS.has(kind)) return `meta.v1.${kind}`;
  const { group, version } = splitApiVersion(apiVersion);
  if (Object.hasOwn(PACKAGES, group)) return `${PACKAGES[group]}.${version}.${kind}`;
  if (group.includes('.') && !group.endsWith('.k8s.io')) return undefined;
  return `${group.split('.')[0]}.${version}.${kind}`;
}

/** `apps/v1` is group `apps`, version `v1`; `v1` is the core group, whose name is empty. */
export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.lastIndexOf('/');
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

export function joinApiVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}
