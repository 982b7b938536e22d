import {
  command, distinctTexts, driverOptions, fileMounts, flag, hook, hosts, NAME, nothing, number, pairs, text, textOrTexts, texts, ulimits, wholeNumber,
} from './basic-shapes.ts';
import { buildShape } from './build-shape.ts';
import { deployShape, gpus } from './deploy-shape.ts';
import { either, list, map, oneOfTexts, scalar, struct, type Shape } from './shape.ts';

const blkioLimits = list(struct({ path: text, rate: wholeNumber }, { extensible: false }));

const dependsOn = either(distinctTexts, map(NAME, struct(
  { restart: flag, required: scalar('boolean'), condition: oneOfTexts('service_started', 'service_healthy', 'service_completed_successfully') },
  { required: ['condition'] },
)));

const envFiles = either(text, list(either(text, struct({ path: text, format: text, required: flag }, { required: ['path'], extensible: false }))));

const networks = either(distinctTexts, map(NAME, either(nothing, struct({
  aliases: distinctTexts, interface_name: text, ipv4_address: text, ipv6_address: text, link_local_ips: distinctTexts, mac_address: text,
  driver_opts: driverOptions, priority: scalar('number'), gw_priority: scalar('number'),
}))));

const ports = list(either(scalar('number|string'), struct({
  name: text, mode: text, host_ip: text, target: wholeNumber, published: wholeNumber, protocol: text, app_protocol: text,
})), true);

const volumes = list(either(text, struct({
  type: oneOfTexts('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'), source: text, target: text, read_only: flag, consistency: text,
  bind: struct({ propagation: text, create_host_path: flag, recursive: oneOfTexts('enabled', 'disabled', 'writable', 'readonly'), selinux: oneOfTexts('z', 'Z') }),
  volume: struct({ labels: pairs, nocopy: flag, subpath: text }),
  tmpfs: struct({ size: scalar('integer|string', { minimum: 0 }), mode: number }),
  image: struct({ subpath: text }),
}, { required: ['type'] })), true);

const develop = either(nothing, struct({
  watch: list(struct({
    ignore: textOrTexts, include: textOrTexts, path: text, action: oneOfTexts('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'), target: text,
    exec: hook, initial_sync: scalar('boolean'),
  }, { required: ['path', 'action'] })),
}));

const healthcheck = struct({ disable: flag, interval: text, retries: number, test: either(text, texts), timeout: text, start_period: text, start_interval: text });

const provider = struct({
  type: text, options: map(/^.+$/s, either(scalar('string|number|boolean'), list(scalar('string|number|boolean'))), true),
}, { required: ['type'] });

const models = either(distinctTexts, map(NAME, either(nothing, struct({ endpoint_var: text, model_var: text })), true));

const fields: Readonly<Record<string, Shape>> = {
  develop, deploy: deployShape, annotations: pairs, attach: flag, build: buildShape,
  blkio_config: struct({
    device_read_bps: blkioLimits, device_read_iops: blkioLimits, device_write_bps: blkioLimits, device_write_iops: blkioLimits, weight: wholeNumber,
    weight_device: list(struct({ path: text, weight: wholeNumber }, { extensible: false })),
  }, { extensible: false }),
  cap_add: distinctTexts, cap_drop: distinctTexts, cgroup: oneOfTexts('host', 'private'), cgroup_parent: text, command, configs: fileMounts,
  container_name: scalar('string', { pattern: /[a-zA-Z0-9][a-zA-Z0-9_.-]+/ }),
  cpu_count: scalar('string|integer', { minimum: 0 }), cpu_percent: scalar('string|integer', { minimum: 0, maximum: 100 }),
  cpu_shares: number, cpu_quota: number, cpu_period: number, cpu_rt_period: number, cpu_rt_runtime: number, cpus: number, cpuset: text,
  credential_spec: struct({ config: text, file: text, registry: text }), depends_on: dependsOn, device_cgroup_rules: distinctTexts,
  devices: list(either(text, struct({ source: text, target: text, permissions: text }, { required: ['source'] }))),
  dns: textOrTexts, dns_opt: distinctTexts, dns_search: textOrTexts, domainname: text, entrypoint: command, env_file: envFiles,
  label_file: either(text, texts), environment: pairs, expose: list(scalar('string|number'), true),
  extends: either(text, struct({ service: text, file: text }, { required: ['service'], extensible: false })),
  provider, external_links: distinctTexts, extra_hosts: hosts, gpus, group_add: list(scalar('string|number'), true), healthcheck,
  hostname: text, image: text, init: flag, ipc: text, isolation: text, labels: pairs, links: distinctTexts,
  logging: struct({ driver: text, options: map(/^.+$/s, scalar('string|number|null'), true) }),
  mac_address: text, mem_limit: number, mem_reservation: wholeNumber, mem_swappiness: wholeNumber, memswap_limit: number, network_mode: text,
  models, networks, oom_kill_disable: flag, oom_score_adj: scalar('string|integer', { minimum: -1000, maximum: 1000 }), pid: scalar('string|null'),
  pids_limit: number, platform: text, ports, post_start: list(hook), pre_stop: list(hook), privileged: flag, profiles: distinctTexts,
  pull_policy: scalar('string', { pattern: /always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+/ }),
  pull_refresh_after: text, read_only: flag, restart: text, runtime: text, scale: wholeNumber, security_opt: distinctTexts, shm_size: number,
  secrets: fileMounts, sysctls: pairs, stdin_open: flag, stop_grace_period: text, stop_signal: text, storage_opt: map(/^/, scalar('string'), true),
  tmpfs: textOrTexts, tty: flag, ulimits, use_api_socket: scalar('boolean'), user: text, uts: text, userns_mode: text, volumes,
  volumes_from: distinctTexts, working_dir: text,
};

export const serviceShape = struct(fields);
