import { isObject, objectOf, objectsOf, textOf } from '../pod-spec.ts';
import { addedBy, listOf } from './baseline.ts';
import { contextOf, containersText, inUserNamespace, namesWhere, quoted, settersOf, typeOf, type Check } from './pod-facts.ts';

/** Volumes whose content comes from the cluster or goes with the pod. */
const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'];
const SECCOMP = ['RuntimeDefault', 'Localhost'];

const allowPrivilegeEscalation: Check = (pod) => {
  const names = namesWhere(pod, (container) => contextOf(container)['allowPrivilegeEscalation'] !== false);
  return names.length === 0 ? undefined : { reason: 'allowPrivilegeEscalation != false', detail: `${containersText(names)} must set securityContext.allowPrivilegeEscalation=false` };
};

const capabilities: Check = (pod) => {
  const undropped = namesWhere(pod, (container) => !listOf(objectOf(contextOf(container)['capabilities']), 'drop').includes('ALL'));
  const forbidden = new Set<string>();
  const adding = namesWhere(pod, (container) => {
    const bad = addedBy(container).filter((name) => name !== 'NET_BIND_SERVICE');
    for (const each of bad) forbidden.add(each);
    return bad.length > 0;
  });
  const details = [
    ...(undropped.length === 0 ? [] : [`${containersText(undropped)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0 ? [] : [`${containersText(adding)} must not include ${quoted([...forbidden].sort())} in securityContext.capabilities.add`]),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const restrictedVolumes: Check = ({ spec }) => {
  const bad = objectsOf(spec['volumes']).filter((volume) => !VOLUMES.some((kind) => isObject(volume[kind])));
  if (bad.length === 0) return undefined;
  const types = [...new Set(bad.map((volume) => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'))].sort();
  const [who, verb] = bad.length === 1 ? ['volume', 'uses'] : ['volumes', 'use'];
  return { reason: 'restricted volume types', detail: `${who} ${quoted(bad.map((volume) => textOf(volume['name'])))} ${verb} restricted volume ${types.length === 1 ? 'type' : 'types'} ${quoted(types)}` };
};

const runAsNonRoot: Check = (pod) => {
  if (inUserNamespace(pod)) return undefined;
  const reason = 'runAsNonRoot != true';
  const set = settersOf(pod, 'runAsNonRoot', (value) => value === false);
  if (set !== undefined) return { reason, detail: `${set.who} must not set securityContext.runAsNonRoot=false` };
  const names = contextOf(pod.spec)['runAsNonRoot'] === true ? [] : namesWhere(pod, (container) => contextOf(container)['runAsNonRoot'] !== true);
  return names.length === 0 ? undefined : { reason, detail: `pod or ${containersText(names)} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: Check = (pod) => {
  if (inUserNamespace(pod)) return undefined;
  const set = settersOf(pod, 'runAsUser', (value) => value === 0);
  return set === undefined ? undefined : { reason: 'runAsUser=0', detail: `${set.who} must not set runAsUser=0` };
};

const seccompProfile: Check = (pod) => {
  const set = settersOf(pod, 'seccompProfile', (value) => !SECCOMP.includes(typeOf(value)), typeOf);
  if (set !== undefined) return { reason: 'seccompProfile', detail: `${set.who} must not set securityContext.seccompProfile.type to ${quoted(set.values)}` };
  const names = SECCOMP.includes(typeOf(contextOf(pod.spec)['seccompProfile'])) ? [] : namesWhere(pod, (container) => !isObject(contextOf(container)['seccompProfile']));
  return names.length === 0 ? undefined : { reason: 'seccompProfile', detail: `pod or ${containersText(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` };
};

/** What hardening asks for beside (kubernetes.io, "Pod Security Standards", Restricted), in upstream's order. */
export const restricted: readonly Check[] = [allowPrivilegeEscalation, capabilities, restrictedVolumes, runAsNonRoot, runAsUser, seccompProfile];
