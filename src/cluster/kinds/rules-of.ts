import type { KindRules } from './kind-rules.ts';
import type { ResourceDefinition } from './resource-definition.ts';
import { clusterRoleBindingRules, clusterRoleRules, namespacedRoleRules, roleBindingRules, serviceAccountRules } from './rules/access.ts';
import { mutatingPolicyBindingRules, mutatingPolicyRules, validatingPolicyBindingRules, validatingPolicyRules } from './rules/admission-policy.ts';
import { apiServiceRules } from './rules/api-service.ts';
import { componentStatusRules } from './rules/component-status.ts';
import { configMapRules } from './rules/config-map.ts';
import { cronJobRules } from './rules/cron-job.ts';
import { daemonSetRules } from './rules/daemon-set.ts';
import { deploymentRules } from './rules/deployment.ts';
import { eventRules, newEventRules } from './rules/event.ts';
import { mutatingWebhookRules, validatingWebhookRules } from './rules/admission-webhook.ts';
import { certificateSigningRequestRules, customResourceDefinitionRules } from './rules/extension.ts';
import { jobRules } from './rules/job.ts';
import { controllerRevisionRules, leaseRules, limitRangeRules, podTemplateRules, priorityClassRules, resourceQuotaRules } from './rules/limits.ts';
import { checkMetadata, checkMetadataUpdate } from './rules/metadata.ts';
import { namespaceRules } from './rules/namespace.ts';
import { endpointSliceRules, endpointsRules, ingressClassRules, ingressRules } from './rules/network.ts';
import { networkPolicyRules } from './rules/network-policy.ts';
import { nodeRules } from './rules/node.ts';
import { podRules } from './rules/pod.ts';
import { replicaSetRules } from './rules/replica-set.ts';
import { replicationControllerRules } from './rules/replication-controller.ts';
import { horizontalPodAutoscalerRules, podDisruptionBudgetRules } from './rules/scaling.ts';
import { secretRules } from './rules/secret.ts';
import { serviceRules } from './rules/service.ts';
import { statefulSetRules } from './rules/stateful-set.ts';
import { persistentVolumeClaimRules, persistentVolumeRules, storageClassRules } from './rules/storage.ts';

/** By `group/plural`, the core group's name being empty. */
const RULES: ReadonlyMap<string, KindRules> = new Map([
  ['/componentstatuses', componentStatusRules], ['/configmaps', configMapRules], ['/endpoints', endpointsRules], ['/events', eventRules], ['/limitranges', limitRangeRules], ['/namespaces', namespaceRules], ['/nodes', nodeRules],
  ['/persistentvolumeclaims', persistentVolumeClaimRules], ['/persistentvolumes', persistentVolumeRules], ['/pods', podRules], ['/podtemplates', podTemplateRules],
  ['/replicationcontrollers', replicationControllerRules], ['/resourcequotas', resourceQuotaRules], ['/secrets', secretRules], ['/serviceaccounts', serviceAccountRules], ['/services', serviceRules],
  ['admissionregistration.k8s.io/validatingadmissionpolicies', validatingPolicyRules], ['admissionregistration.k8s.io/validatingadmissionpolicybindings', validatingPolicyBindingRules],
  ['admissionregistration.k8s.io/mutatingadmissionpolicies', mutatingPolicyRules], ['admissionregistration.k8s.io/mutatingadmissionpolicybindings', mutatingPolicyBindingRules],
  ['admissionregistration.k8s.io/mutatingwebhookconfigurations', mutatingWebhookRules], ['admissionregistration.k8s.io/validatingwebhookconfigurations', validatingWebhookRules],
  ['apiextensions.k8s.io/customresourcedefinitions', customResourceDefinitionRules], ['apiregistration.k8s.io/apiservices', apiServiceRules],
  ['apps/controllerrevisions', controllerRevisionRules], ['apps/daemonsets', daemonSetRules], ['apps/deployments', deploymentRules], ['apps/replicasets', replicaSetRules], ['apps/statefulsets', statefulSetRules],
  ['autoscaling/horizontalpodautoscalers', horizontalPodAutoscalerRules], ['batch/cronjobs', cronJobRules], ['batch/jobs', jobRules],
  ['certificates.k8s.io/certificatesigningrequests', certificateSigningRequestRules], ['coordination.k8s.io/leases', leaseRules],
  ['discovery.k8s.io/endpointslices', endpointSliceRules], ['events.k8s.io/events', newEventRules],
  ['networking.k8s.io/ingressclasses', ingressClassRules], ['networking.k8s.io/ingresses', ingressRules], ['networking.k8s.io/networkpolicies', networkPolicyRules],
  ['policy/poddisruptionbudgets', podDisruptionBudgetRules],
  ['rbac.authorization.k8s.io/clusterrolebindings', clusterRoleBindingRules], ['rbac.authorization.k8s.io/clusterroles', clusterRoleRules],
  ['rbac.authorization.k8s.io/rolebindings', roleBindingRules], ['rbac.authorization.k8s.io/roles', namespacedRoleRules],
  ['scheduling.k8s.io/priorityclasses', priorityClassRules], ['storage.k8s.io/storageclasses', storageClassRules],
].map(([resource, rules]) => [resource as string, withMetadata(rules as KindRules)]));

const OTHER = withMetadata({});

/** Rules of a kind, what holds for every object's metadata among them. */
export function rulesOf({ group, plural }: Pick<ResourceDefinition, 'group' | 'plural'>): KindRules {
  return RULES.get(`${group}/${plural}`) ?? OTHER;
}

function withMetadata(rules: KindRules): KindRules {
  return {
    ...rules,
    validate: (object, old) => [...checkMetadata(object), ...rules.validate?.(object, old) ?? []],
    validateUpdate: (object, old, subresource) => [...checkMetadataUpdate(object, old), ...rules.validateUpdate?.(object, old, subresource) ?? []],
  };
}
