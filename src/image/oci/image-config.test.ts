import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { parseImageConfig } from './image-config.ts';

const rootfs = { type: 'layers', diff_ids: [`sha256:${'2'.repeat(64)}`] };

test('a config as Docker writes it, nulls and all', () => {
  const config = parseImageConfig(JSON.stringify({
    architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z', docker_version: 'x', container_config: { Cmd: [1] },
    config: {
      Hostname: '', User: '1000:0', ExposedPorts: { '80/tcp': {}, '53/udp': {} }, Env: ['PATH=/bin'], Entrypoint: null, Cmd: ['sh'], Volumes: null,
      WorkingDir: '/w', Labels: { a: 'b', A: 'c' }, StopSignal: 'SIGINT', OnBuild: null, Shell: ['/bin/sh', '-c'],
      Healthcheck: { Test: ['CMD', 'x'], Interval: 30_000_000_000, Retries: 3 },
    },
    rootfs, history: [{ created_by: 'x', empty_layer: true }, {}],
  }));
  assert.deepEqual(config.config, {
    User: '1000:0', ExposedPorts: ['80/tcp', '53/udp'], Env: ['PATH=/bin'], Cmd: ['sh'], WorkingDir: '/w', Labels: { a: 'b', A: 'c' },
    StopSignal: 'SIGINT', Shell: ['/bin/sh', '-c'], Healthcheck: { Test: ['CMD', 'x'], Interval: 30_000_000_000, Retries: 3 },
  });
  assert.deepEqual(config.diffIds, rootfs.diff_ids);
  assert.deepEqual(config.history, [{ created_by: 'x', empty_layer: true }, {}]);
  assert.deepEqual(parseImageConfig(JSON.stringify({ rootfs: { type: 'layers', diff_ids: null } })), { architecture: '', os: '', config: {}, diffIds: [], history: [] });
});

test('malformed configs are refused with the place', () => {
  const refuses = (document: object, message: RegExp): void => {
    assert.throws(() => parseImageConfig(JSON.stringify(document)), (error) => isKind(error, 'invalid') && message.test(error.message));
  };
  refuses({}, /no "rootfs"/);
  refuses({ rootfs: { type: 'squashfs' } }, /not made of layers/);
  refuses({ rootfs: { type: 'layers', diff_ids: ['sha256:x'] } }, /invalid digest/);
  refuses({ rootfs, config: { Env: 'A=b' } }, /config's config has a field "Env" that is not a list/);
  refuses({ rootfs, config: { Env: [1] } }, /list of strings/);
  refuses({ rootfs, config: { Labels: { a: 1 } } }, /"Labels"/);
  refuses({ rootfs, config: { Cmd: ['a'], cmd: ['b'] } }, /some readers take for "Cmd"/);
  refuses({ rootfs, config: { Healthcheck: { Interval: -1 } } }, /"Interval"/);
  refuses({ rootfs, history: [{}, { created: 5 }] }, /entry 2 of the image config's history/);
});
