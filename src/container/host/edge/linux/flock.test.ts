import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockFile } from './flock.ts';
import { posixSpawn } from './spawn.ts';
import { waitPid } from './wait.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gantry-flock-'));
const path = join(scratch, 'lock');
const subject = 'state directory /x';
after(() => rmSync(scratch, { recursive: true }));

test('the second is refused and told who has it; after release it gets it', () => {
  const first = lockFile(path, subject);
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.throws(() => lockFile(path, subject), { kind: 'conflict', message: `the ${subject} is in use by process ${process.pid}` });
  first.release();
  lockFile(path, subject).release();
});

test('a program that we start does not inherit the lock', () => {
  const lock = lockFile(path, subject);
  const child = posixSpawn({ path: '/bin/sleep', argv: ['sleep', '30'], env: {} });
  lock.release();
  lockFile(path, subject).release();
  process.kill(child, 'SIGKILL');
  waitPid(child);
});
