/** Of the groups that the API itself serves: first comes what is asked for by a name that several have (kube-apiserver, `apiVersionPriorities`). */
const GROUPS: ReadonlyMap<string, number> = new Map([
  ['', 18_000], ['apps', 17_800], ['events.k8s.io', 17_750], ['authentication.k8s.io', 17_700], ['authorization.k8s.io', 17_600], ['autoscaling', 17_500], ['batch', 17_400], ['certificates.k8s.io', 17_300], ['networking.k8s.io', 17_200],
  ['policy', 17_100], ['rbac.authorization.k8s.io', 17_000], ['storage.k8s.io', 16_800], ['apiextensions.k8s.io', 16_700], ['admissionregistration.k8s.io', 16_700], ['scheduling.k8s.io', 16_600], ['coordination.k8s.io', 16_500],
  ['node.k8s.io', 16_300], ['discovery.k8s.io', 16_200], ['flowcontrol.apiserver.k8s.io', 16_100], ['resource.k8s.io', 15_900],
]);
const VERSIONS: ReadonlyMap<string, number> = new Map([['/v1', 1], ['autoscaling/v2', 30], ['flowcontrol.apiserver.k8s.io/v1', 21]]);

export interface Priority {
  readonly group: number;
  readonly version: number;
}

export const CUSTOM_PRIORITY: Priority = { group: 1000, version: 100 };
/** What others may take over, as metrics-server registers it. */
const OTHER_PRIORITY: Priority = { group: 100, version: 100 };

export function localPriority(group: string, version: string): Priority {
  const priority = GROUPS.get(group);
  return priority === undefined ? OTHER_PRIORITY : { group: priority, version: VERSIONS.get(`${group}/${version}`) ?? 15 };
}
