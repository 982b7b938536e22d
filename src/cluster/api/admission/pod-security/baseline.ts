import type { Json, JsonObject } from '#base/json.ts';
import { isObject, objectOf, objectsOf, textOf } from '../pod-spec.ts';
import { contextOf, containersOf, containersText, inUserNamespace, namesWhere, quoted, settersOf, typeOf, type Check } from './pod-facts.ts';

const CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT',
]);
const SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ping_group_range', 'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_syncookies', 'net.ipv4.tcp_wmem',
]);
const SELINUX_TYPES: ReadonlySet<string> = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const HANDLERS = ['httpGet', 'tcpSocket'] as const;

const appArmorProfile: Check = (pod) => {
  const set = settersOf(pod, 'appArmorProfile', (value) => !['RuntimeDefault', 'Localhost'].includes(typeOf(value)), typeOf);
  const annotated = Object.entries(pod.annotations).filter(([key, value]) => key.startsWith(APPARMOR) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/')).map(([key, value]) => `${key}=${JSON.stringify(value)}`).sort();
  const details = [...(set === undefined ? [] : [`${set.who} must not set AppArmor profile type to ${quoted(set.values)}`]), ...annotated];
  return details.length === 0 ? undefined : { reason: details.length === 1 ? 'forbidden AppArmor profile' : 'forbidden AppArmor profiles', detail: details.join(', ') };
};

/** The baseline's check, which the restricted level has a stricter one for. */
export const capabilitiesBaseline: Check = (pod) => {
  const forbidden = new Set<string>();
  const names = namesWhere(pod, (container) => {
    const bad = addedBy(container).filter((name) => !CAPABILITIES.has(name));
    for (const each of bad) forbidden.add(each);
    return bad.length > 0;
  });
  return names.length === 0 ? undefined : { reason: 'non-default capabilities', detail: `${containersText(names)} must not include ${quoted([...forbidden].sort())} in securityContext.capabilities.add` };
};

export function addedBy(container: JsonObject): readonly string[] {
  return listOf(objectOf(contextOf(container)['capabilities']), 'add');
}

export function listOf(value: JsonObject, name: string): readonly string[] {
  const list = value[name];
  return Array.isArray(list) ? (list as readonly Json[]).map(textOf) : [];
}

const hostNamespaces: Check = ({ spec }) => {
  const set = ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => spec[name] === true).map((name) => `${name}=true`);
  return set.length === 0 ? undefined : { reason: 'host namespaces', detail: set.join(', ') };
};

export const hostPathVolumes: Check = ({ spec }) => {
  const names = objectsOf(spec['volumes']).filter((volume) => isObject(volume['hostPath'])).map((volume) => textOf(volume['name']));
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${names.length === 1 ? 'volume' : 'volumes'} ${quoted(names)}` };
};

const hostPorts: Check = (pod) => {
  const ports = new Set<string>();
  const names = namesWhere(pod, (container) => {
    const used = objectsOf(container['ports']).map((port) => port['hostPort']).filter((port) => typeof port === 'number' && port !== 0).map(String);
    for (const port of used) ports.add(port);
    return used.length > 0;
  });
  if (names.length === 0) return undefined;
  const several = ports.size === 1 ? 'hostPort' : 'hostPorts';
  return { reason: 'hostPort', detail: `${containersText(names)} ${names.length === 1 ? 'uses' : 'use'} ${several} ${[...ports].sort().join(', ')}` };
};

const hostProbes: Check = (pod) => {
  const hosts = new Set<string>();
  const names = namesWhere(pod, (container) => {
    const used = handlersOf(container).flatMap((handler) => HANDLERS.map((kind) => objectOf(handler[kind])['host'])).filter((host): host is string => typeof host === 'string' && host !== '');
    for (const host of used) hosts.add(host);
    return used.length > 0;
  });
  return names.length === 0 ? undefined : { reason: 'probe or lifecycle host', detail: `${containersText(names)} ${names.length === 1 ? 'uses' : 'use'} probe or lifecycle ${hosts.size === 1 ? 'host' : 'hosts'} ${quoted([...hosts].sort())}` };
};

function handlersOf(container: JsonObject): readonly JsonObject[] {
  const lifecycle = objectOf(container['lifecycle']);
  return [container['livenessProbe'], container['readinessProbe'], container['startupProbe'], lifecycle['postStart'], lifecycle['preStop']].map(objectOf);
}

const privileged: Check = (pod) => {
  const names = namesWhere(pod, (container) => contextOf(container)['privileged'] === true);
  return names.length === 0 ? undefined : { reason: 'privileged', detail: `${containersText(names)} must not set securityContext.privileged=true` };
};

const procMount: Check = (pod) => {
  if (inUserNamespace(pod)) return undefined;
  const bad = new Set<string>();
  const names = namesWhere(pod, (container) => {
    const mount = contextOf(container)['procMount'];
    if (typeof mount !== 'string' || mount === '' || mount === 'Default') return false;
    bad.add(mount);
    return true;
  });
  return names.length === 0 ? undefined : { reason: 'procMount', detail: `${containersText(names)} must not set securityContext.procMount to ${quoted([...bad].sort())}` };
};

const seLinuxOptions: Check = (pod) => {
  const given = (options: JsonObject, name: string): boolean => typeof options[name] === 'string' && options[name] !== '';
  const set = settersOf(pod, 'seLinuxOptions', (value) => !SELINUX_TYPES.has(typeOf(value)) || given(objectOf(value), 'user') || given(objectOf(value), 'role'), typeOf);
  if (set === undefined) return undefined;
  const all = [contextOf(pod.spec), ...containersOf(pod).map(contextOf)].map((context) => objectOf(context['seLinuxOptions']));
  const types = set.values.filter((type) => !SELINUX_TYPES.has(type));
  const details = [
    ...(types.length === 0 ? [] : [`${types.length === 1 ? 'type' : 'types'} ${quoted(types)}`]),
    ...['user', 'role'].filter((name) => all.some((options) => given(options, name))).map((name) => `${name} may not be set`),
  ];
  return { reason: 'seLinuxOptions', detail: `${set.who} set forbidden securityContext.seLinuxOptions: ${details.join('; ')}` };
};

export const seccompBaseline: Check = (pod) => {
  const set = settersOf(pod, 'seccompProfile', (value) => !['RuntimeDefault', 'Localhost'].includes(typeOf(value)), typeOf);
  return set === undefined ? undefined : { reason: 'seccompProfile', detail: `${set.who} must not set securityContext.seccompProfile.type to ${quoted(set.values)}` };
};

const sysctls: Check = ({ spec }) => {
  const names = objectsOf(contextOf(spec)['sysctls']).map((each) => textOf(each['name'])).filter((name) => !SYSCTLS.has(name));
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
};

const windowsHostProcess: Check = (pod) => {
  const set = settersOf(pod, 'windowsOptions', (value) => objectOf(value)['hostProcess'] === true);
  return set === undefined ? undefined : { reason: 'hostProcess', detail: `${set.who} must not set securityContext.windowsOptions.hostProcess=true` };
};

/** Known ways from a pod to its node (kubernetes.io, "Pod Security Standards", Baseline), in upstream's order. */
export const baseline: readonly Check[] = [
  appArmorProfile, capabilitiesBaseline, hostNamespaces, hostPathVolumes, hostPorts, hostProbes, privileged, procMount, seLinuxOptions, seccompBaseline, sysctls, windowsHostProcess,
];
