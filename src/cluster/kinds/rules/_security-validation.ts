import type { Json, JsonObject } from '#base/json.ts';
import { duplicate, forbidden, invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import { isObject, textAt, valueAt } from './_fields.ts';

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** `core.v1.PodSecurityContext`. @param path of the pod's spec */
export function checkPodSecurity(spec: JsonObject, path: string): readonly FieldFault[] {
  const at = `${path}.securityContext`;
  const oneOf = (field: string, values: readonly string[]): readonly FieldFault[] => {
    const given = textAt(spec, 'securityContext', field);
    return given === '' || values.includes(given) ? [] : [notSupported(`${at}.${field}`, given, values)];
  };
  return [...oneOf('fsGroupChangePolicy', ['Always', 'OnRootMismatch']), ...oneOf('supplementalGroupsPolicy', ['Merge', 'Strict']), ...checkIds(spec, at, ['runAsUser', 'runAsGroup', 'fsGroup']), ...checkSeccomp(spec, at), ...checkSysctls(spec, at)];
}

/** A pod with user ids of its own shares no other namespace with the host. @param path of the pod's spec */
export function checkHostUsers(spec: JsonObject, path: string): readonly FieldFault[] {
  if (spec['hostUsers'] !== false) return [];
  return [['hostNetwork', 'hostNetwork'], ['hostPID', 'HostPID'], ['hostIPC', 'HostIPC']].flatMap(([name = '', told]) => (spec[name] === true ? [forbidden(`${path}.${told}`, 'when `pod.Spec.HostUsers` is false')] : []));
}

/** `core.v1.SecurityContext`. @param path of the container */
export function checkContainerSecurity(container: JsonObject, path: string): readonly FieldFault[] {
  const at = `${path}.securityContext`;
  const context = valueAt(container, 'securityContext');
  if (!isObject(context)) return [];
  const isRaised = context['privileged'] === true || (JSON.stringify(valueAt(context, 'capabilities', 'add') ?? []).includes('"CAP_SYS_ADMIN"'));
  return [
    ...checkIds(container, at, ['runAsUser', 'runAsGroup']), ...checkSeccomp(container, at),
    ...(context['allowPrivilegeEscalation'] === false && isRaised ? [invalidValue(at, context, context['privileged'] === true ? 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true' : 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN')] : []),
  ];
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const LONGEST_SYSCTL = 253;

function checkSysctls(spec: JsonObject, at: string): readonly FieldFault[] {
  const sysctls = valueAt(spec, 'securityContext', 'sysctls');
  if (!Array.isArray(sysctls)) return [];
  const seen = new Set<string>();
  return (sysctls as readonly Json[]).flatMap((sysctl, index) => {
    const where = `${at}.sysctls[${index}].name`;
    const name = isObject(sysctl) ? textAt(sysctl, 'name') : '';
    if (name === '') return [required(where)];
    if (name.length > LONGEST_SYSCTL || !SYSCTL.test(name)) return [invalidValue(where, name, `must have at most ${LONGEST_SYSCTL} characters and match regex ${SYSCTL.source}`)];
    if (seen.has(name)) return [duplicate(where, name)];
    seen.add(name);
    return [];
  });
}

function checkIds(holder: JsonObject, at: string, fields: readonly string[]): readonly FieldFault[] {
  return fields.flatMap((field) => {
    const id = valueAt(holder, 'securityContext', field);
    return typeof id === 'number' && (id < 0 || id > 2 ** 31 - 1) ? [invalidValue(`${at}.${field}`, id, 'must be between 0 and 2147483647, inclusive')] : [];
  });
}

function checkSeccomp(holder: JsonObject, at: string): readonly FieldFault[] {
  const profile = valueAt(holder, 'securityContext', 'seccompProfile');
  if (!isObject(profile)) return [];
  const [type, file] = [textAt(profile, 'type'), textAt(profile, 'localhostProfile')];
  const where = `${at}.seccompProfile`;
  if (type === '') return [required(`${where}.type`, 'type is required when seccompProfile is set')];
  if (!PROFILES.includes(type)) return [notSupported(`${where}.type`, type, PROFILES)];
  if (type !== 'Localhost') return file === '' ? [] : [invalidValue(`${where}.localhostProfile`, file, 'can only be set when seccomp type is Localhost')];
  if (file === '') return [required(`${where}.localhostProfile`, 'must be set when seccomp type is Localhost')];
  if (file.startsWith('/')) return [invalidValue(`${where}.localhostProfile`, file, 'must be a relative path')];
  return file.split('/').includes('..') ? [invalidValue(`${where}.localhostProfile`, file, "must not contain '..'")] : [];
}

/** @param os `spec.os.name` */
export function checkStopSignal(container: JsonObject, path: string, os: string): readonly FieldFault[] {
  const signal = textAt(container, 'lifecycle', 'stopSignal');
  if (signal === '') return [];
  if (os === '') return [forbidden(`${path}.lifecycle.stopSignal`, 'may not be set for containers with empty `spec.os.name`')];
  return /^SIG[A-Z0-9+-]{2,10}$/.test(signal) ? [] : [invalidValue(`${path}.lifecycle.stopSignal`, signal, 'must be the name of a signal')];
}
