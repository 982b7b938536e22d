import { isMapping, type Mapping, type Value } from '../value/value.ts';
import { goText } from '../value/go-text.ts';
import { command, bytes, deviceCount, duration, fileMode, hosts, plainDuration, sshKeys, textMap, ulimit, variables } from './basic-kinds.ts';
import { choice, count, dictionary, flag, fraction, keptText, kind, list, nullable, struct, text, texts, whole, type Kind, type Static } from './kind.ts';

const fileMount = struct({ source: text, target: text, uid: text, gid: text, mode: fileMode });

const buildKind = struct({
  context: text, dockerfile: text, dockerfile_inline: text, entitlements: texts, args: variables, provenance: text, sbom: text, ssh: sshKeys,
  labels: textMap, cache_from: texts, cache_to: texts, no_cache: flag, additional_contexts: textMap, pull: flag, extra_hosts: hosts, isolation: text,
  network: text, target: text, secrets: list(fileMount), shm_size: bytes, tags: texts, ulimits: dictionary(ulimit), platforms: texts, privileged: flag,
});

const hook = struct({ command, user: text, privileged: flag, working_dir: text, environment: variables });
const embeddedHook = struct({ command, user: text, privileged: flag, working_dir: text, environment: variables }, { embedded: true });

const develop = struct({
  watch: list(struct({ path: keptText, action: keptText, target: text, exec: embeddedHook, include: texts, ignore: texts, initial_sync: flag })),
});

const weightDevice = struct({ path: keptText, weight: count }, { jsonNames: { path: 'Path', weight: 'Weight' } });
const throttleDevice = struct({ path: keptText, rate: kind<number>((value, path) => bytes.read(value, path), (value) => String(value)) }, { jsonNames: { path: 'Path', rate: 'Rate' } });

const deviceRequest = struct({ capabilities: texts, driver: text, count: deviceCount, device_ids: texts, options: textMap });

const resource = struct({
  cpus: fraction, memory: bytes, pids: whole, devices: list(deviceRequest),
  generic_resources: list(struct({ discrete_resource_spec: struct({ kind: keptText, value: count }) })),
});

const update = struct({ parallelism: count, delay: plainDuration, failure_action: text, monitor: plainDuration, max_failure_ratio: fraction, order: text });

const deployKind = struct({
  mode: text, replicas: count, labels: textMap, update_config: update, rollback_config: update,
  resources: struct({ limits: resource, reservations: resource }, { embedded: true }),
  restart_policy: struct({ condition: text, delay: duration, max_attempts: count, window: duration }),
  placement: struct({ constraints: texts, preferences: list(struct({ spread: text })), max_replicas_per_node: whole }, { embedded: true }),
  endpoint_mode: text,
});

export interface EnvFile { readonly path: string; readonly required: boolean; readonly format?: string }

const envFile: Kind<EnvFile> = {
  read: (value, path) => {
    const entry: Mapping = isMapping(value) ? value : new Map([['path', value]]);
    const format = entry.get('format');
    return { path: text.read(entry.get('path') ?? null, path), required: flag.read(entry.get('required') ?? true, path), ...(typeof format === 'string' ? { format } : {}) };
  },
  yaml: (value) => (value.required ? value.path : new Map<string, Value>([['path', value.path], ['required', false]])),
  json: (value) => (value.required ? value.path : new Map<string, Value>([['path', value.path], ['required', false], ...(value.format === undefined ? [] : [['format', value.format] as const])])),
};

/** The default of `required` is true, and both ways of writing always say it. */
const dependency = struct({ condition: text, restart: flag, required: choice });

const healthTest: Kind<readonly string[]> = kind(
  (value) => (typeof value === 'string' ? ['CMD-SHELL', value] : Array.isArray(value) ? value.map(goText) : []),
  (value) => (value.length === 0 ? undefined : [...value]),
);

const healthcheckKind = struct({
  test: healthTest, timeout: duration, interval: duration, retries: count, start_period: duration, start_interval: duration, disable: flag,
});

const serviceNetworkKind = struct({
  aliases: texts, driver_opts: textMap, gw_priority: whole, interface_name: text, ipv4_address: text, ipv6_address: text, link_local_ips: texts,
  mac_address: text, priority: whole,
});

export const portKind = struct({ name: text, mode: text, host_ip: text, target: whole, published: text, protocol: text, app_protocol: text });

export const volumeMountKind = struct({
  type: text, source: text, target: text, read_only: flag, consistency: text,
  bind: struct({ selinux: text, propagation: text, create_host_path: flag, recursive: text }),
  volume: struct({ labels: textMap, nocopy: flag, subpath: text }),
  tmpfs: struct({ size: bytes, mode: whole }),
  image: struct({ subpath: text }),
});

const providerOptions: Kind<ReadonlyMap<string, readonly string[]>> = kind((value) => {
  const entries = isMapping(value) ? [...value] : [];
  return new Map(entries.map(([key, given]) => [key, Array.isArray(given) ? given.map(goText) : [goText(given)]]));
}, (value) => (value.size === 0 ? undefined : new Map([...value].toSorted().map(([key, given]) => [key, [...given]]))));

export const serviceKind = struct({
  profiles: texts, annotations: textMap, attach: choice, build: buildKind, develop,
  blkio_config: struct({
    weight: whole, weight_device: list(weightDevice), device_read_bps: list(throttleDevice), device_read_iops: list(throttleDevice),
    device_write_bps: list(throttleDevice), device_write_iops: list(throttleDevice),
  }),
  cap_add: texts, cap_drop: texts, cgroup_parent: text, cgroup: text, cpu_count: whole, cpu_percent: fraction, cpu_period: whole, cpu_quota: whole,
  cpu_rt_period: whole, cpu_rt_runtime: whole, cpus: fraction, cpuset: text, cpu_shares: whole, command, configs: list(fileMount), container_name: text,
  credential_spec: struct({ config: text, file: text, registry: text }), depends_on: dictionary(dependency), deploy: deployKind,
  device_cgroup_rules: texts, devices: list(struct({ source: text, target: text, permissions: text })), dns: texts, dns_opt: texts, dns_search: texts,
  dockerfile: text, domainname: text, entrypoint: command, provider: struct({ type: text, options: providerOptions }), environment: variables,
  env_file: list(envFile), expose: texts, extends: struct({ file: text, service: text }), external_links: texts, extra_hosts: hosts, group_add: texts,
  gpus: list(deviceRequest), hostname: text, healthcheck: healthcheckKind, image: text, init: choice, ipc: text, isolation: text, labels: textMap,
  label_file: texts, links: texts, logging: struct({ driver: text, options: textMap }), log_driver: text, log_opt: textMap, mem_limit: bytes,
  mem_reservation: bytes, memswap_limit: bytes, mem_swappiness: bytes, mac_address: text,
  models: dictionary(nullable(struct({ endpoint_var: text, model_var: text }))), net: text, network_mode: text,
  networks: dictionary(nullable(serviceNetworkKind)), oom_kill_disable: flag, oom_score_adj: whole, pid: text, pids_limit: whole, platform: text,
  ports: list(portKind), privileged: flag, pull_policy: text, read_only: flag, restart: text, runtime: text, scale: count, secrets: list(fileMount),
  security_opt: texts, shm_size: bytes, stdin_open: flag, stop_grace_period: duration, stop_signal: text, storage_opt: textMap, sysctls: textMap,
  tmpfs: texts, tty: flag, ulimits: dictionary(ulimit), use_api_socket: flag, user: text, userns_mode: text, uts: text, volume_driver: text,
  volumes: list(volumeMountKind), volumes_from: texts, working_dir: text, post_start: list(hook), pre_stop: list(hook),
});

export type Service = Static<typeof serviceKind>;
export type Build = Static<typeof buildKind>;
export type Dependency = Static<typeof dependency>;
export type Healthcheck = Static<typeof healthcheckKind>;
export type Hook = Static<typeof hook>;
export type ServiceNetwork = Static<typeof serviceNetworkKind>;
export type VolumeMount = Static<typeof volumeMountKind>;
export type FileMount = Static<typeof fileMount>;
