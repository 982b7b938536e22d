import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { SystemTimers } from '#base/edge/system-clock.ts';
import { endCreation } from './ongoing-creation.ts';

/** Reads its input for as long as it may, and is called as a monitor is. */
async function worker(t: TestContext, bundle: string): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', 'echo; read line', 'conmon', '--bundle', bundle, '--persist-dir', bundle], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('who makes the container of the bundle is ended, and nobody else', async (t) => {
  const bundle = `/nowhere/${process.pid}/containers`;
  const workers = await Promise.all([worker(t, `${bundle}/one`), worker(t, `${bundle}/one`), worker(t, `${bundle}/other`)]);
  const ends = workers.slice(0, 2).map((child) => once(child, 'exit'));
  await endCreation(new SystemTimers(), `${bundle}/one`);
  assert.deepEqual(await Promise.all(ends), [[null, 'SIGKILL'], [null, 'SIGKILL']]);
  assert.equal(workers[2]?.exitCode, null);
  assert.equal(workers[2]?.signalCode, null);
  await endCreation(new SystemTimers(), `${bundle}/one`);
});
