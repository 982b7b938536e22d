import { authentication, authorization, certificates, rbac } from './access.ts';
import { admissionregistration, apiextensions } from './admission.ts';
import { apps } from './apps.ts';
import { autoscaling } from './autoscaling.ts';
import { batch } from './batch.ts';
import { apiregistration, coordination, discovery, events, node, policy, scheduling } from './cluster-services.ts';
import { coreContainers } from './core-containers.ts';
import { coreNetworkStorage } from './core-network-storage.ts';
import { coreNodes } from './core-nodes.ts';
import { coreObjects } from './core-objects.ts';
import { corePods } from './core-pods.ts';
import { coreSecurity } from './core-security.ts';
import { coreServices } from './core-services.ts';
import { coreVolumes } from './core-volumes.ts';
import { flowcontrol } from './flowcontrol.ts';
import { meta } from './meta.ts';
import { networking } from './networking.ts';
import { resource } from './resource.ts';
import { storage } from './storage.ts';

/** Descriptions of types, in the form that ../type-texts.ts reads, by the group of their package. */
export const textsByGroup: Readonly<Record<string, readonly string[]>> = {
  admissionregistration: [admissionregistration], apiextensions: [apiextensions], apiregistration: [apiregistration], apps: [apps], authentication: [authentication], authorization: [authorization], autoscaling: [autoscaling], batch: [batch], certificates: [certificates], coordination: [coordination],
  core: [corePods, coreContainers, coreSecurity, coreVolumes, coreNetworkStorage, coreServices, coreNodes, coreObjects],
  discovery: [discovery], events: [events], flowcontrol: [flowcontrol], meta: [meta], networking: [networking], node: [node], policy: [policy], rbac: [rbac], resource: [resource], scheduling: [scheduling], storage: [storage],
};
