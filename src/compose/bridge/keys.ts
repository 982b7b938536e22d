import type { Service } from '../model/service-kind.ts';
import type { Findings } from './findings.ts';

/** What becomes of a key of a service. */
export type Decision =
  | 'converted'
  /** It is about this machine or about the making of the image, or is read before a project is one. */
  | 'elsewhere'
  /** Left out, and told. */
  | { readonly warn: string }
  | { readonly refuse: string; readonly hint: string };

const tuning = (what: string): Decision => ({ warn: `${what}, and Kubernetes has no field for it: it is left out` });
const foreign = (refuse: string, hint: string): Decision => ({ refuse, hint });

const CONVERTED = [
  'annotations', 'cap_add', 'cap_drop', 'cgroup', 'command', 'configs', 'container_name', 'cpu_period', 'cpu_quota', 'cpus', 'deploy', 'depends_on', 'dns', 'dns_opt', 'dns_search', 'entrypoint', 'environment',
  'expose', 'extra_hosts', 'gpus', 'group_add', 'healthcheck', 'hostname', 'image', 'init', 'ipc', 'labels', 'links', 'mem_limit', 'mem_reservation', 'network_mode', 'networks', 'pid', 'platform', 'ports', 'post_start',
  'pre_stop', 'privileged', 'pull_policy', 'read_only', 'restart', 'runtime', 'scale', 'secrets', 'security_opt', 'shm_size', 'stdin_open', 'stop_grace_period', 'stop_signal', 'sysctls', 'tmpfs', 'tty', 'user',
  'userns_mode', 'uts', 'volumes', 'working_dir',
] as const;

const ELSEWHERE = ['attach', 'build', 'develop', 'env_file', 'extends', 'label_file', 'profiles', 'pull_refresh_after'] as const;

export const DECISIONS: ReadonlyMap<string, Decision> = new Map<string, Decision>([
  ...CONVERTED.map((key) => [key, 'converted'] as const),
  ...ELSEWHERE.map((key) => [key, 'elsewhere'] as const),
  ['blkio_config', tuning('it divides the disks of one machine')],
  ['cpu_count', tuning('it is for Windows')], ['cpu_percent', tuning('it is for Windows')], ['isolation', tuning('it is for Windows')],
  ['cpu_rt_period', tuning('it is of the real-time scheduler')], ['cpu_rt_runtime', tuning('it is of the real-time scheduler')],
  ['cpu_shares', tuning('it is a weight beside other containers')], ['cpuset', tuning('it names processors of one machine')],
  ['logging', tuning('it says where one daemon keeps its logs')],
  ['mem_swappiness', tuning('it is of the swap of one machine')], ['memswap_limit', tuning('it is of the swap of one machine')],
  ['oom_score_adj', tuning('Kubernetes sets it itself')], ['pids_limit', tuning('it is set for a node')], ['ulimits', tuning('limits of processes are set for a node')],
  ['cgroup_parent', foreign('a pod chooses no control group', 'leave it out')],
  ['credential_spec', foreign('it is for Windows', 'leave it out')],
  ['device_cgroup_rules', foreign('a pod has no devices but those that its node offers', 'offer them by a device plugin, and ask for them with gpus or by hand')],
  ['devices', foreign('a pod has no devices but those that its node offers', 'offer them by a device plugin, and ask for them with gpus or by hand')],
  ['domainname', foreign('the domain of a pod is that of its cluster', 'leave it out')],
  ['external_links', foreign('it names containers of one daemon', 'use an ExternalName Service')],
  ['mac_address', foreign('the network of a cluster gives addresses', 'leave it out')],
  ['models', foreign('models are run by a plugin of Docker', 'run it as a service with an image of its own')],
  ['oom_kill_disable', foreign('Kubernetes ends what uses more memory than it may', 'leave it out')],
  ['provider', foreign('the service is run by a program of this machine', 'make it a service with an image, or leave it to an operator of the cluster')],
  ['storage_opt', foreign('it is of the storage of one daemon', 'leave it out')],
  ['use_api_socket', foreign('a pod has no Docker daemon', 'use the API of Kubernetes, with a service account')],
  ['volumes_from', foreign('a pod has no mounts of another', 'name the volumes in both services')],
]);

const isSet = (value: unknown): boolean => !(value === undefined || value === '' || value === false || value === 0 || (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0));

/** Tells of the keys of a service that no object is made of. */
export function checkKeys(path: string, service: Service, findings: Findings): void {
  const given = service as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(given).toSorted()) {
    const decision = DECISIONS.get(key);
    if (typeof decision !== 'object' || !isSet(given[key])) continue;
    if ('warn' in decision) findings.warn(`${path}.${key}`, decision.warn);
    else findings.refuse(`${path}.${key}`, decision.refuse, decision.hint);
  }
}
