import type { JsonObject } from '#base/json.ts';
import type { Service } from '../model/service-kind.ts';
import { compareText } from '../value/go-text.ts';
import type { Conversion } from './conversion.ts';
import { some, someOf } from './manifest.ts';

/** The rights of one container. */
export function containerSecurity(conversion: Conversion, path: string, service: Service): JsonObject | undefined {
  const { findings } = conversion;
  const capability = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');
  const [user, group] = ids(conversion, `${path}.user`, service.user ?? '');
  if ((service.userns_mode ?? '') !== '' && service.userns_mode !== 'host') findings.refuse(`${path}.userns_mode`, `${service.userns_mode} is no mode of a pod`, 'leave it out');
  if ((service.uts ?? '') !== '') findings.refuse(`${path}.uts`, 'a pod has its own host name', 'use network_mode: host, which has the node\'s');
  if (service.cgroup === 'host') findings.refuse(`${path}.cgroup`, 'a pod sees its own control groups', 'leave it out');
  return someOf({
    privileged: service.privileged === true ? true : undefined,
    runAsUser: user, runAsGroup: group,
    readOnlyRootFilesystem: service.read_only === true ? true : undefined,
    capabilities: someOf({ add: some((service.cap_add ?? []).map(capability)), drop: some((service.cap_drop ?? []).map(capability)) }),
    ...options(conversion, path, service.security_opt ?? []),
  });
}

/** A cluster does not look into the image for names. */
function ids({ findings }: Conversion, path: string, text: string): [user?: number, group?: number] {
  if (text === '') return [];
  if (!/^[0-9]+(:[0-9]+)?$/.test(text)) {
    findings.refuse(path, `Kubernetes knows users and groups by their numbers, not ${JSON.stringify(text)}`, 'write UID or UID:GID; USER of the Dockerfile may stay a name');
    return [];
  }
  return text.split(':').map(Number) as [number, number?];
}

function options({ findings }: Conversion, path: string, given: readonly string[]): JsonObject {
  const profiles: Record<string, JsonObject | boolean> = {};
  for (const option of given) {
    const [, key = '', value = ''] = /^([a-z-]+)(?:[=:](.*))?$/s.exec(option) ?? [];
    if (key === 'no-new-privileges' && value !== 'false') profiles['allowPrivilegeEscalation'] = false;
    else if (key === 'no-new-privileges') continue;
    else if (key === 'seccomp' && value === 'unconfined') profiles['seccompProfile'] = { type: 'Unconfined' };
    else if (key === 'apparmor') profiles['appArmorProfile'] = value === 'unconfined' ? { type: 'Unconfined' } : { type: 'Localhost', localhostProfile: value };
    else findings.refuse(`${path}.security_opt`, `${option} has no counterpart in a pod`, 'set it by hand, or leave it out');
  }
  return profiles;
}

/** What belongs to all containers of the pod. */
export function podSecurity(conversion: Conversion, members: readonly (readonly [string, Service])[]): JsonObject | undefined {
  const groups = members.flatMap(([name, service]) => (service.group_add ?? []).flatMap((group) => ids(conversion, `services.${name}.group_add`, group)[0] ?? []));
  const sysctls = new Map(members.flatMap(([, service]) => [...(service.sysctls ?? [])]));
  return someOf({
    supplementalGroups: some([...new Set(groups)]),
    sysctls: some([...sysctls].toSorted(([a], [b]) => compareText(a, b)).map(([name, value]) => ({ name, value }))),
  });
}
