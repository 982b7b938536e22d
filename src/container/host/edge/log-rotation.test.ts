import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { rotateLog } from './log-rotation.ts';

/** A bundle whose monitor makes the log anew when it is asked to, as conmon does. */
function open(t: TestContext) {
  const bundle = mkdtempSync(join(tmpdir(), 'gantry-rotation-'));
  t.after(() => rmSync(bundle, { recursive: true }));
  execFileSync('mkfifo', [join(bundle, 'ctl')]);
  const path = join(bundle, 'container.log');
  const monitor = spawn('sh', ['-c', 'exec <>"$0/ctl"; echo ready; while read line; do : > "$0/container.log"; done', bundle], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => monitor.kill('SIGKILL'));
  return { bundle, path, ready: once(monitor.stdout, 'data'), kept: () => readdirSync(bundle).filter((name) => name.startsWith('container.log.')).sort() };
}

test('no more files are kept than were asked for', async (t) => {
  const { bundle, path, ready, kept } = open(t);
  await ready;
  for (let round = 0; round < 5; round += 1) {
    writeFileSync(path, 'x'.repeat(100));
    assert.equal(await rotateLog(bundle, path, { bytes: 100, files: 3, compress: false }), true);
  }
  assert.deepEqual(kept(), ['container.log.000004', 'container.log.000005']);
  assert.equal(await rotateLog(bundle, path, { bytes: 100, files: 3, compress: false }), false, 'it is small again');
});

test('one that grew large while nobody looked goes with the next', async (t) => {
  const { bundle, path, ready, kept } = open(t);
  await ready;
  for (const bytes of [100, 5000, 120, 100]) {
    writeFileSync(path, 'x'.repeat(bytes));
    await rotateLog(bundle, path, { bytes: 100, files: 5, compress: false });
    if (bytes === 5000) assert.deepEqual(kept(), ['container.log.000002'], 'the newest lines are in it');
  }
  assert.deepEqual(kept(), ['container.log.000003', 'container.log.000004']);
});
