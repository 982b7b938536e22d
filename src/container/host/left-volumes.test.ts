import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftVolumes, type MonitorMounts } from './left-volumes.ts';

const PATH = '/g/pods/u/m';

function monitor(pid: number, mounts: Readonly<Record<string, string>>, ...used: readonly string[]): MonitorMounts {
  return { monitor: { pid, startTime: '1' }, mounts: Object.entries({ '/': '8:1', ...mounts }).map(([target, device]) => ({ target, device })), used: new Set(used) };
}
const found = (monitors: readonly MonitorMounts[], ...here: readonly string[]): object =>
  Object.fromEntries(leftVolumes(['/g/pods', '/g/volumes'], new Set(here), monitors).map(({ path, holders }) => [path, holders.map(({ pid }) => pid)]));

test('what a former daemon mounted is found with every monitor that has it, users first', () => {
  assert.deepEqual(found([monitor(1, {}), monitor(2, { [PATH]: '0:50' }), monitor(3, { [PATH]: '0:50', '/g/volumes/v/_data': '0:60' }, '0:50')]), { [PATH]: [3, 2], '/g/volumes/v/_data': [3] });
});

test('what is mounted already is left as it is, and so is what is no volume', () => {
  assert.deepEqual(found([monitor(1, { [PATH]: '0:50', '/g/pods': '0:7', '/g/podsx/a': '0:8', '/proc': '0:9' }, '0:50', '0:7', '0:8', '0:9')], PATH), {});
});

test('of two file systems at one place the one in use is taken, from those who have that one', () => {
  assert.deepEqual(found([monitor(1, { [PATH]: '0:50' }), monitor(2, { [PATH]: '0:51' }, '0:51'), monitor(3, { [PATH]: '0:51' })]), { [PATH]: [2, 3] });
});

test('of two mounts over one another the upper one counts', () => {
  const stacked: MonitorMounts = { monitor: { pid: 1, startTime: '1' }, mounts: [{ target: PATH, device: '0:50' }, { target: PATH, device: '0:51' }], used: new Set(['0:50']) };
  assert.deepEqual(found([stacked, monitor(2, { [PATH]: '0:50' }, '0:50')]), { [PATH]: [2] });
});
