import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceShape } from '../schema/service-shape.ts';
import { openText } from '../testing/open-text.ts';
import { lowerService } from './lower-service.ts';

/** A value of each key that makes a difference to the request for the service's container. */
const LOWERED: Readonly<Record<string, string>> = {
  annotations: '{a: b}', blkio_config: '{weight: 300}', cap_add: '[CHOWN]', cap_drop: '[CHOWN]', cgroup: 'host', cgroup_parent: '/p', command: '[x]', configs: '[c]',
  container_name: 'other', cpu_count: '2', cpu_percent: '50', cpu_period: '1000', cpu_quota: '500', cpu_rt_period: '"1000"', cpu_rt_runtime: '"500"', cpu_shares: '2', cpus: '1.5', cpuset: '"0"',
  depends_on: '[db]', deploy: '{resources: {limits: {memory: 1g}}}', device_cgroup_rules: '["c 1:3 mr"]', devices: '[/dev/null]', dns: '[192.0.2.1]', dns_opt: '[debug]', dns_search: '[example.org]',
  domainname: 'd', entrypoint: '[x]', env_file: 'vars', environment: '{A: b}', expose: '[80]', extends: 'base', external_links: '[far]', extra_hosts: '["h:192.0.2.1"]', gpus: 'all', group_add: '[1]',
  healthcheck: '{test: x}', hostname: 'h', image: 'other', init: 'true', ipc: 'host', isolation: 'default', label_file: 'labels', labels: '{a: b}', links: '[db]', logging: '{driver: none}',
  mac_address: '"02:00:00:00:00:01"', mem_limit: '1g', mem_reservation: '1g', mem_swappiness: '1', memswap_limit: '2g', network_mode: 'host', networks: '[n]', oom_kill_disable: 'true',
  oom_score_adj: '1', pid: 'host', pids_limit: '1', ports: '[80]', privileged: 'true', read_only: 'true', restart: 'always', runtime: 'r', secrets: '[s]', security_opt: '[no-new-privileges]',
  shm_size: '1m', stdin_open: 'true', stop_grace_period: '1s', stop_signal: 'INT', storage_opt: '{size: 1g}', sysctls: '{net.core.somaxconn: 1}', tmpfs: '/t', tty: 'true', ulimits: '{nproc: 1}',
  use_api_socket: 'true', user: '"1"', userns_mode: 'host', uts: 'host', volumes: '["/v"]', volumes_from: '[db]', working_dir: '/w',
};

/** Keys that are no part of that request, and where they count. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  attach: 'whether `up` shows what it writes', build: 'its image', develop: 'watch', models: 'refused: they need a plugin of Docker', platform: 'a parameter of the request, and of a pull',
  post_start: 'steps after its start', pre_stop: 'steps before its stop', profiles: 'whether it is there at all', provider: 'it has no container', pull_policy: 'the plan of the images', scale: 'how many there are',
  credential_spec: 'of Windows, as in docker compose', pull_refresh_after: 'docker compose has no use for it either',
};

const FILES = { '/app/vars': 'A=1', '/app/labels': 'a=1', '/app/c': 'c', '/app/s': 's' };

function requestFor(service: string): string {
  const project = openText(`services: {web: {${service}}, db: {image: d}, base: {image: i, labels: {from: base}}}\nnetworks: {n: }\nconfigs: {c: {file: ./c}}\nsecrets: {s: {file: ./s}}\n`, { files: FILES });
  const config = project.services.get('web') ?? {};
  return JSON.stringify(lowerService(project, { service: 'web', config, number: 1, name: config.container_name ?? 'web', hash: '', imageId: '', oneOff: false, inherited: [], containerOf: (other) => other }));
}

test('every key of a service makes a difference, or has its place elsewhere', () => {
  assert.deepEqual([...Object.keys(LOWERED), ...Object.keys(ELSEWHERE)].toSorted(), [...serviceShape.fields.keys()].toSorted());
  const plain = requestFor('image: i');
  const without = Object.entries(LOWERED).filter(([key, value]) => requestFor(key === 'image' ? `image: ${value}` : `image: i, ${key}: ${value}`) === plain).map(([key]) => key);
  assert.deepEqual(without, []);
});
