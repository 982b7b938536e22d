import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { posixSpawn } from './spawn.ts';
import { decodeStatus, onExit, waitForExit, waitPid } from './wait.ts';

const start = (script: string): number => posixSpawn({ path: '/bin/sh', argv: ['sh', '-c', script], env: {} });

test('exit codes and signals', async () => {
  assert.deepEqual(await waitForExit(start('exit 3')), { exitCode: 3, signal: null });
  assert.deepEqual(await waitForExit(start('kill -9 $$')), { exitCode: null, signal: 'SIGKILL' });
  assert.deepEqual(await waitForExit(start('kill -TERM $$')), { exitCode: null, signal: 'SIGTERM' });
  assert.deepEqual([6, 29].map((status) => decodeStatus(status).signal), ['SIGABRT', 'SIGIO']);
  assert.deepEqual(decodeStatus(0x0b | 0x80), { exitCode: null, signal: 'SIGSEGV' });
});

test('a running child can be asked for without waiting', async () => {
  const pid = start('exec sleep 5');
  assert.equal(waitPid(pid, { noHang: true }), undefined);
  process.kill(pid, 'SIGTERM');
  assert.deepEqual(await waitForExit(pid), { exitCode: null, signal: 'SIGTERM' });
  assert.throws(() => waitPid(pid), { kind: 'not-found' });
  assert.throws(() => onExit(pid, () => {}), { kind: 'not-found' });
});

test('many at once, next to children of child_process', async () => {
  const others = Array.from({ length: 5 }, (_, index) => spawn('/bin/sh', ['-c', `exit ${index}`]));
  const exits = Promise.all(others.map((child) => once(child, 'exit')));
  const ours = await Promise.all(Array.from({ length: 20 }, (_, index) => waitForExit(start(`exit ${index}`))));
  assert.deepEqual(ours.map(({ exitCode }) => exitCode), Array.from({ length: 20 }, (_, index) => index));
  assert.deepEqual((await exits).map(([code]) => code as number), [0, 1, 2, 3, 4]);
});

test('stopping a watch leaves the process and the caller alone', async () => {
  const pid = start('exit 0');
  onExit(pid, () => assert.fail('was stopped'))();
  await waitForExit(pid);
});

test('out of descriptors, a child is still reaped', () => {
  const limited = `import { waitForExit } from ${JSON.stringify(join(import.meta.dirname, 'wait.ts'))};
    import { posixSpawn } from ${JSON.stringify(join(import.meta.dirname, 'spawn.ts'))};
    import { openSync } from 'node:fs';
    const pid = posixSpawn({ path: '/bin/sh', argv: ['sh', '-c', 'sleep 0.1; exit 5'], env: { PATH: '/bin' } });
    try { for (;;) openSync('/dev/null'); } catch {}
    console.log(JSON.stringify(await waitForExit(pid)));`;
  const { stdout } = spawnSync('/bin/sh', ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, limited]);
  assert.deepEqual(JSON.parse(stdout.toString()), { exitCode: 5, signal: null });
});
