import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openText } from '../testing/open-text.ts';
import { lowerHostConfig } from './lower-host-config.ts';

function hostConfig(service: string): Readonly<Record<string, unknown>> {
  const project = openText(`services: {web: {image: i, ${service}}, db: {image: d}}\nvolumes: {data: {driver: local}}\n`);
  return lowerHostConfig(project, project.services.get('web') ?? {}, { networkMode: 'n', containerOf: (other) => `p-${other}-1`, inherited: [] });
}

test('rights have their whole names, in order', () => {
  const { CapAdd, CapDrop } = hostConfig('cap_add: [net_raw, CAP_CHOWN, chown], cap_drop: [KILL, all]');
  assert.deepEqual([CapAdd, CapDrop], [['CAP_CHOWN', 'CAP_NET_RAW'], ['ALL', 'CAP_KILL']]);
});

test('a link leads by its alias, by the name within the project, and by the whole name', () => {
  assert.deepEqual(hostConfig('links: ["db:data"]')['Links'], ['p-db-1:data', 'p-db-1:db-1', 'p-db-1:p-db-1']);
});

test('a volume is made by its driver before, and mounted by its name', () => {
  assert.deepEqual(hostConfig('volumes: [{type: volume, source: data, target: /d, volume: {subpath: s}}]')['Mounts'], [{ Type: 'volume', Source: 'app_data', Target: '/d', VolumeOptions: { Subpath: 's' } }]);
});

test('a directory of this machine that is missing is made, unless its mount says otherwise', () => {
  for (const more of ['', ', bind: {create_host_path: true}']) assert.deepEqual(hostConfig(`volumes: [{type: bind, source: ./d, target: /d${more}}]`)['Binds'], ['/app/d:/d:rw'], more);
  for (const more of [', bind: {create_host_path: false}', ', bind: {propagation: rslave}']) assert.deepEqual((hostConfig(`volumes: [{type: bind, source: ./d, target: /d${more}}]`)['Mounts'] as readonly { readonly Type: string }[]).map(({ Type }) => Type), ['bind'], more);
});
