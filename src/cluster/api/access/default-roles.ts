import type { PolicyRule } from './policy-rule.ts';

/** A role that a cluster has from its beginning, by its name. */
export interface DefaultRole {
  readonly name: string;
  readonly namespace?: string;
  readonly rules: readonly PolicyRule[];
  /** `admin`: its rules are those of all roles with that label. */
  readonly aggregates?: string;
  /** The aggregates that it is a part of. */
  readonly partOf?: string;
}

const READ = 'get list watch';
const CHANGE = 'create delete deletecollection patch update';
const ALL = `${CHANGE} ${READ}`;
const CORE = '""';
const RBAC = 'rbac.authorization.k8s.io';
const CERTIFICATES = 'certificates.k8s.io';

/** Words apart by spaces; `""` is the core group. */
function may(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  const words = (text: string): string[] => text.split(' ');
  return { verbs: words(verbs), apiGroups: words(groups).map((each) => each === CORE ? '' : each), resources: words(resources), ...(names === undefined ? {} : { resourceNames: words(names) }) };
}

const mayGet = (paths: string): PolicyRule => ({ verbs: ['get'], nonResourceURLs: paths.split(' ') });
const events = may('create patch update', `${CORE} events.k8s.io`, 'events');
const reviews = [may('create', 'authentication.k8s.io', 'tokenreviews'), may('create', 'authorization.k8s.io', 'subjectaccessreviews')];

function approver(signer: string): DefaultRole {
  return { name: `system:certificates.k8s.io:${signer}-approver`, rules: [may('approve', CERTIFICATES, 'signers', `kubernetes.io/${signer}`)] };
}

function nodeClient(subresource: string): DefaultRole {
  return { name: `system:certificates.k8s.io:certificatesigningrequests:${subresource}`, rules: [may('create', CERTIFICATES, `certificatesigningrequests/${subresource}`)] };
}

/** What people of a namespace are given: to look, to work, to rule. */
const people: readonly DefaultRole[] = [
  { name: 'cluster-admin', rules: [may('*', '*', '*'), { verbs: ['*'], nonResourceURLs: ['*'] }] },
  { name: 'admin', rules: [], aggregates: 'admin' },
  { name: 'edit', rules: [], aggregates: 'edit', partOf: 'admin' },
  { name: 'view', rules: [], aggregates: 'view', partOf: 'edit' },
  { name: 'system:aggregate-to-admin', partOf: 'admin', rules: [may('create', 'authorization.k8s.io', 'localsubjectaccessreviews'), may(ALL, RBAC, 'rolebindings roles')] },
  {
    name: 'system:aggregate-to-edit', partOf: 'edit', rules: [
      may(READ, CORE, 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
      may('impersonate', CORE, 'serviceaccounts'),
      may(CHANGE, CORE, 'pods pods/attach pods/exec pods/portforward pods/proxy'),
      may('create', CORE, 'pods/eviction'),
      may(CHANGE, CORE, 'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy'),
      may('create', CORE, 'serviceaccounts/token'),
      may(CHANGE, 'apps', 'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale'),
      may(CHANGE, 'autoscaling', 'horizontalpodautoscalers'),
      may(CHANGE, 'batch', 'cronjobs jobs'),
      may(CHANGE, 'extensions', 'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale'),
      may(CHANGE, 'policy', 'poddisruptionbudgets'),
      may(CHANGE, 'networking.k8s.io', 'ingresses networkpolicies'),
      may(ALL, 'coordination.k8s.io', 'leases'),
      may(CHANGE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
    ],
  },
  {
    name: 'system:aggregate-to-view', partOf: 'view', rules: [
      may(READ, CORE, 'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status'),
      may(READ, CORE, 'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status'),
      may(READ, CORE, 'namespaces'),
      may(READ, 'discovery.k8s.io', 'endpointslices'),
      may(READ, 'apps', 'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status'),
      may(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
      may(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
      may(READ, 'extensions', 'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale'),
      may(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
      may(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
      may(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
    ],
  },
];

/** What everybody may, and what is asked of the API by machines that look after it. */
const everybody: readonly DefaultRole[] = [
  { name: 'system:basic-user', rules: [may('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'), may('create', 'authentication.k8s.io', 'selfsubjectreviews')] },
  { name: 'system:discovery', rules: [mayGet('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/')] },
  { name: 'system:public-info-viewer', rules: [mayGet('/healthz /livez /readyz /version /version/')] },
  { name: 'system:monitoring', rules: [mayGet('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')] },
  { name: 'system:service-account-issuer-discovery', rules: [mayGet('/.well-known/openid-configuration /openid/v1/jwks')] },
  { name: 'system:auth-delegator', rules: reviews },
  { name: 'system:kube-aggregator', rules: [may(READ, CORE, 'endpoints services')] },
  { name: 'system:kube-dns', rules: [may('list watch', CORE, 'endpoints services'), may('list watch', 'discovery.k8s.io', 'endpointslices')] },
  nodeClient('nodeclient'), nodeClient('selfnodeclient'),
  approver('kube-apiserver-client'), approver('kube-apiserver-client-kubelet'), approver('kubelet-serving'), approver('legacy-unknown'),
  { name: 'extension-apiserver-authentication-reader', namespace: 'kube-system', rules: [may(READ, CORE, 'configmaps', 'extension-apiserver-authentication')] },
];

/** The parts of a cluster that run elsewhere and come as clients. */
const parts: readonly DefaultRole[] = [
  {
    name: 'system:kube-controller-manager', rules: [
      events, may('create', 'coordination.k8s.io', 'leases'), may('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'), may('create update', CORE, 'secrets serviceaccounts'), may('delete', CORE, 'secrets'),
      may('get', CORE, 'configmaps namespaces secrets serviceaccounts'), ...reviews, may('list watch', '*', '*'), may('create', CORE, 'serviceaccounts/token'),
    ],
  },
  {
    name: 'system:kube-scheduler', rules: [
      events, may('create', 'coordination.k8s.io', 'leases'), may('get update', 'coordination.k8s.io', 'leases', 'kube-scheduler'), may(READ, CORE, 'namespaces nodes'), may(`delete ${READ}`, CORE, 'pods'), may('create', CORE, 'bindings pods/binding'),
      may('patch update', CORE, 'pods/status'), may(READ, CORE, 'replicationcontrollers services'), may(READ, 'apps extensions', 'replicasets'), may(READ, 'apps', 'statefulsets'), may(READ, 'policy', 'poddisruptionbudgets'),
      may(READ, CORE, 'persistentvolumeclaims persistentvolumes'), ...reviews, may(READ, 'storage.k8s.io', 'csidrivers csinodes csistoragecapacities'),
    ],
  },
  { name: 'system:volume-scheduler', rules: [may(`${READ} patch update`, CORE, 'persistentvolumeclaims persistentvolumes'), may(READ, 'storage.k8s.io', 'storageclasses')] },
  { name: 'system:kubelet-api-admin', rules: [may(READ, CORE, 'nodes'), may('proxy', CORE, 'nodes'), may('*', CORE, 'nodes/log nodes/metrics nodes/proxy nodes/stats')] },
  {
    name: 'system:node', rules: [
      ...reviews, may('create', 'authorization.k8s.io', 'localsubjectaccessreviews'), may(READ, CORE, 'services'), may(`create patch update ${READ}`, CORE, 'nodes'), may('patch update', CORE, 'nodes/status'), events,
      may(`create delete ${READ}`, CORE, 'pods'), may('patch update', CORE, 'pods/status'), may('create', CORE, 'pods/eviction'), may(READ, CORE, 'configmaps secrets'), may('get', CORE, 'endpoints persistentvolumeclaims persistentvolumes'),
      may(`create ${READ}`, CERTIFICATES, 'certificatesigningrequests'), may('create delete get patch update', 'coordination.k8s.io', 'leases'), may('get', 'storage.k8s.io', 'volumeattachments'), may('create', CORE, 'serviceaccounts/token'),
      may('get patch update', CORE, 'persistentvolumeclaims/status'), may(READ, 'storage.k8s.io', 'csidrivers'), may('create delete get patch update', 'storage.k8s.io', 'csinodes'), may(READ, 'node.k8s.io', 'runtimeclasses'),
    ],
  },
  { name: 'system:node-bootstrapper', rules: [may(`create ${READ}`, CERTIFICATES, 'certificatesigningrequests')] },
  { name: 'system:node-problem-detector', rules: [may('get', CORE, 'nodes'), may('patch', CORE, 'nodes/status'), events] },
  { name: 'system:node-proxier', rules: [may('list watch', CORE, 'endpoints services'), may(READ, CORE, 'nodes'), events, may('list watch', 'discovery.k8s.io', 'endpointslices')] },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [may(`create delete ${READ}`, CORE, 'persistentvolumes'), may(`update ${READ}`, CORE, 'persistentvolumeclaims'), may(READ, 'storage.k8s.io', 'storageclasses'), may('watch', CORE, 'events'), events],
  },
];

/**
 * The roles of a new cluster (kubernetes.io, "Using RBAC Authorization", Default roles). Those of upstream's single
 * controllers are not among them: ours are parts of the API's process and ask nobody.
 */
export const defaultRoles: readonly DefaultRole[] = [...people, ...everybody, ...parts];

/** A default role, and who has it from the beginning: `Group system:masters`, `User x`, `ServiceAccount namespace/name`. */
export const defaultBindings: readonly { readonly role: string; readonly subjects: readonly string[] }[] = [
  { role: 'cluster-admin', subjects: ['Group system:masters'] },
  { role: 'system:monitoring', subjects: ['Group system:monitoring'] },
  { role: 'system:discovery', subjects: ['Group system:authenticated'] },
  { role: 'system:basic-user', subjects: ['Group system:authenticated'] },
  { role: 'system:public-info-viewer', subjects: ['Group system:authenticated', 'Group system:unauthenticated'] },
  { role: 'system:service-account-issuer-discovery', subjects: ['Group system:serviceaccounts'] },
  { role: 'system:node-proxier', subjects: ['User system:kube-proxy'] },
  { role: 'system:kube-controller-manager', subjects: ['User system:kube-controller-manager'] },
  { role: 'system:kube-dns', subjects: ['ServiceAccount kube-system/kube-dns'] },
  { role: 'system:kube-scheduler', subjects: ['User system:kube-scheduler'] },
  { role: 'system:volume-scheduler', subjects: ['User system:kube-scheduler'] },
  { role: 'system:node', subjects: [] },
];
