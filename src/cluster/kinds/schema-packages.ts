// Made by ./gantry dev kinds.
import { admissionV1 } from './schema/admission-v1.ts';
import { admissionV1beta1 } from './schema/admission-v1beta1.ts';
import { admissionregistrationV1 } from './schema/admissionregistration-v1.ts';
import { admissionregistrationV1alpha1 } from './schema/admissionregistration-v1alpha1.ts';
import { admissionregistrationV1beta1 } from './schema/admissionregistration-v1beta1.ts';
import { apidiscoveryV2 } from './schema/apidiscovery-v2.ts';
import { apidiscoveryV2beta1 } from './schema/apidiscovery-v2beta1.ts';
import { apiextensionsV1 } from './schema/apiextensions-v1.ts';
import { apiregistrationV1 } from './schema/apiregistration-v1.ts';
import { apiserverinternalV1alpha1 } from './schema/apiserverinternal-v1alpha1.ts';
import { appsV1 } from './schema/apps-v1.ts';
import { appsV1beta1 } from './schema/apps-v1beta1.ts';
import { appsV1beta2 } from './schema/apps-v1beta2.ts';
import { authenticationV1 } from './schema/authentication-v1.ts';
import { authenticationV1alpha1 } from './schema/authentication-v1alpha1.ts';
import { authenticationV1beta1 } from './schema/authentication-v1beta1.ts';
import { authorizationV1 } from './schema/authorization-v1.ts';
import { authorizationV1beta1 } from './schema/authorization-v1beta1.ts';
import { autoscalingV1 } from './schema/autoscaling-v1.ts';
import { autoscalingV2 } from './schema/autoscaling-v2.ts';
import { batchV1 } from './schema/batch-v1.ts';
import { batchV1beta1 } from './schema/batch-v1beta1.ts';
import { certificatesV1 } from './schema/certificates-v1.ts';
import { certificatesV1alpha1 } from './schema/certificates-v1alpha1.ts';
import { certificatesV1beta1 } from './schema/certificates-v1beta1.ts';
import { coordinationV1 } from './schema/coordination-v1.ts';
import { coordinationV1alpha2 } from './schema/coordination-v1alpha2.ts';
import { coordinationV1beta1 } from './schema/coordination-v1beta1.ts';
import { coreV1 } from './schema/core-v1.ts';
import { discoveryV1 } from './schema/discovery-v1.ts';
import { discoveryV1beta1 } from './schema/discovery-v1beta1.ts';
import { eventsV1 } from './schema/events-v1.ts';
import { eventsV1beta1 } from './schema/events-v1beta1.ts';
import { extensionsV1beta1 } from './schema/extensions-v1beta1.ts';
import { flowcontrolV1 } from './schema/flowcontrol-v1.ts';
import { flowcontrolV1beta1 } from './schema/flowcontrol-v1beta1.ts';
import { flowcontrolV1beta2 } from './schema/flowcontrol-v1beta2.ts';
import { flowcontrolV1beta3 } from './schema/flowcontrol-v1beta3.ts';
import { imagepolicyV1alpha1 } from './schema/imagepolicy-v1alpha1.ts';
import { intstr } from './schema/intstr.ts';
import { metaV1 } from './schema/meta-v1.ts';
import { networkingV1 } from './schema/networking-v1.ts';
import { networkingV1beta1 } from './schema/networking-v1beta1.ts';
import { nodeV1 } from './schema/node-v1.ts';
import { nodeV1alpha1 } from './schema/node-v1alpha1.ts';
import { nodeV1beta1 } from './schema/node-v1beta1.ts';
import { policyV1 } from './schema/policy-v1.ts';
import { policyV1beta1 } from './schema/policy-v1beta1.ts';
import { rbacV1 } from './schema/rbac-v1.ts';
import { rbacV1alpha1 } from './schema/rbac-v1alpha1.ts';
import { rbacV1beta1 } from './schema/rbac-v1beta1.ts';
import { resource } from './schema/resource.ts';
import { resourceV1 } from './schema/resource-v1.ts';
import { resourceV1alpha3 } from './schema/resource-v1alpha3.ts';
import { resourceV1beta1 } from './schema/resource-v1beta1.ts';
import { resourceV1beta2 } from './schema/resource-v1beta2.ts';
import { runtime } from './schema/runtime.ts';
import { schedulingV1 } from './schema/scheduling-v1.ts';
import { schedulingV1alpha2 } from './schema/scheduling-v1alpha2.ts';
import { schedulingV1beta1 } from './schema/scheduling-v1beta1.ts';
import { storageV1 } from './schema/storage-v1.ts';
import { storageV1alpha1 } from './schema/storage-v1alpha1.ts';
import { storageV1beta1 } from './schema/storage-v1beta1.ts';
import { storagemigrationV1beta1 } from './schema/storagemigration-v1beta1.ts';

/** Every package of upstream's API, as `core.v1`, with its messages as text. */
export const schemaPackages: Readonly<Record<string, string>> = {
  'admission.v1': admissionV1,
  'admission.v1beta1': admissionV1beta1,
  'admissionregistration.v1': admissionregistrationV1,
  'admissionregistration.v1alpha1': admissionregistrationV1alpha1,
  'admissionregistration.v1beta1': admissionregistrationV1beta1,
  'apidiscovery.v2': apidiscoveryV2,
  'apidiscovery.v2beta1': apidiscoveryV2beta1,
  'apiextensions.v1': apiextensionsV1,
  'apiregistration.v1': apiregistrationV1,
  'apiserverinternal.v1alpha1': apiserverinternalV1alpha1,
  'apps.v1': appsV1,
  'apps.v1beta1': appsV1beta1,
  'apps.v1beta2': appsV1beta2,
  'authentication.v1': authenticationV1,
  'authentication.v1alpha1': authenticationV1alpha1,
  'authentication.v1beta1': authenticationV1beta1,
  'authorization.v1': authorizationV1,
  'authorization.v1beta1': authorizationV1beta1,
  'autoscaling.v1': autoscalingV1,
  'autoscaling.v2': autoscalingV2,
  'batch.v1': batchV1,
  'batch.v1beta1': batchV1beta1,
  'certificates.v1': certificatesV1,
  'certificates.v1alpha1': certificatesV1alpha1,
  'certificates.v1beta1': certificatesV1beta1,
  'coordination.v1': coordinationV1,
  'coordination.v1alpha2': coordinationV1alpha2,
  'coordination.v1beta1': coordinationV1beta1,
  'core.v1': coreV1,
  'discovery.v1': discoveryV1,
  'discovery.v1beta1': discoveryV1beta1,
  'events.v1': eventsV1,
  'events.v1beta1': eventsV1beta1,
  'extensions.v1beta1': extensionsV1beta1,
  'flowcontrol.v1': flowcontrolV1,
  'flowcontrol.v1beta1': flowcontrolV1beta1,
  'flowcontrol.v1beta2': flowcontrolV1beta2,
  'flowcontrol.v1beta3': flowcontrolV1beta3,
  'imagepolicy.v1alpha1': imagepolicyV1alpha1,
  'intstr': intstr,
  'meta.v1': metaV1,
  'networking.v1': networkingV1,
  'networking.v1beta1': networkingV1beta1,
  'node.v1': nodeV1,
  'node.v1alpha1': nodeV1alpha1,
  'node.v1beta1': nodeV1beta1,
  'policy.v1': policyV1,
  'policy.v1beta1': policyV1beta1,
  'rbac.v1': rbacV1,
  'rbac.v1alpha1': rbacV1alpha1,
  'rbac.v1beta1': rbacV1beta1,
  'resource': resource,
  'resource.v1': resourceV1,
  'resource.v1alpha3': resourceV1alpha3,
  'resource.v1beta1': resourceV1beta1,
  'resource.v1beta2': resourceV1beta2,
  'runtime': runtime,
  'scheduling.v1': schedulingV1,
  'scheduling.v1alpha2': schedulingV1alpha2,
  'scheduling.v1beta1': schedulingV1beta1,
  'storage.v1': storageV1,
  'storage.v1alpha1': storageV1alpha1,
  'storage.v1beta1': storageV1beta1,
  'storagemigration.v1beta1': storagemigrationV1beta1,
};
