import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { run, type RunRequest } from './run.ts';

const shell = (script: string, request: Partial<RunRequest> = {}) => run({
  path: '/bin/sh', argv: ['sh', '-c', script], env: { PATH: '/usr/bin:/bin' }, timeoutMs: 10_000, maxOutputBytes: 1 << 20, ...request,
});

test('both streams and the exit code', async () => {
  const result = await shell('echo out; echo err >&2; exit 4');
  assert.deepEqual({ ...result, stdout: result.stdout.toString(), stderr: result.stderr.toString() },
    { exitCode: 4, signal: null, stdout: 'out\n', stderr: 'err\n' });
});

test('input of any size goes through, also when nobody reads it', async () => {
  const input = Buffer.alloc(1 << 20, 'x');
  assert.ok((await shell('cat', { input })).stdout.equals(input));
  assert.equal((await shell('exit 0', { input })).exitCode, 0);
});

test('without input, standard input is empty', async () => {
  assert.equal((await shell('cat; echo end')).stdout.toString(), 'end\n');
});

test('after the timeout the whole group is killed', async () => {
  const started = performance.now();
  await assert.rejects(shell('sleep 30 & sleep 30', { timeoutMs: 100 }), { kind: 'interrupted', message: /within 100 ms/ });
  assert.ok(performance.now() - started < 15_000);
});

test('too much output kills it', async () => {
  await assert.rejects(shell('yes', { maxOutputBytes: 10_000 }), { kind: 'too-large' });
});

test('something left behind with the pipes open does not hold up the answer', async () => {
  const result = await shell('echo done; (trap "" TERM; sleep 2) &');
  assert.equal(result.stdout.toString(), 'done\n');
});

test('descriptors are given back, also after failures', async () => {
  await shell('true');
  const before = readdirSync('/proc/self/fd').length;
  for (let count = 0; count < 20; count++) {
    await shell('true', { input: Buffer.from('x') });
    await assert.rejects(run({ path: '/no/such', argv: ['x'], env: {}, timeoutMs: 1, maxOutputBytes: 1 }), { kind: 'not-found' });
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(readdirSync('/proc/self/fd').length, before);
});
