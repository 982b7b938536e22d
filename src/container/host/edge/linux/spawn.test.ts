import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { pipe } from './pipe.ts';
import { posixSpawn, type SpawnFile, type SpawnRequest } from './spawn.ts';
import { waitPid } from './wait.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gantry-spawn-'));
after(() => rmSync(scratch, { recursive: true }));

/** Runs a shell command with a file as its standard output and answers what it wrote. */
function shell(script: string, request: Partial<SpawnRequest> = {}): string {
  const path = join(scratch, 'output');
  const output = openSync(path, 'w');
  const files: readonly SpawnFile[] = [{ fd: 1, source: output }, ...(request.files ?? [])];
  const pid = posixSpawn({ path: '/bin/sh', argv: ['sh', '-c', script], env: { PATH: '/usr/bin:/bin' }, ...request, files });
  closeSync(output);
  assert.deepEqual(waitPid(pid), { exitCode: 0, signal: null });
  return readFileSync(path, 'utf8').trim();
}

test('the environment and the arguments are exactly those given', () => {
  const output = shell('', { path: '/usr/bin/env', argv: ['env'], env: { A: 'b c', 'É': '漢' } });
  assert.deepEqual(output.split('\n').toSorted(), ['A=b c', 'É=漢']);
  assert.equal(shell('', { argv: ['name', '-c', 'echo "$0|$1|$2"', 'zero', '', 'a b'] }), 'zero||a b');
});

test('only the listed descriptors are open, whatever is open here without close-on-exec', () => {
  const { readEnd, writeEnd } = pipe();
  const listed = shell('ls /proc/$$/fd', { files: [{ fd: 5, source: writeEnd }] });
  assert.deepEqual(listed.split('\n'), ['0', '1', '2', '5']);
  closeSync(readEnd);
  closeSync(writeEnd);
});

test('descriptors can change places', () => {
  const [a, b] = [join(scratch, 'a'), join(scratch, 'b')];
  const first = openSync(a, 'w');
  const second = openSync(b, 'w');
  shell(`echo to-first >/proc/self/fd/${second}; echo to-second >/proc/self/fd/${first}`, {
    files: [{ fd: first, source: second }, { fd: second, source: first }],
  });
  closeSync(first);
  closeSync(second);
  assert.equal(readFileSync(a, 'utf8').trim(), 'to-first');
  assert.equal(readFileSync(b, 'utf8').trim(), 'to-second');
});

test('signals are reset: Node ignores SIGPIPE, its children do not', () => {
  const status = shell('grep -E "^Sig(Blk|Ign)" /proc/self/status');
  assert.match(readFileSync('/proc/self/status', 'utf8'), /SigIgn:\s[0-9a-f]*[13579bdf]000\n/);
  assert.deepEqual(status.split('\n').map((line) => BigInt(`0x${line.split(/\s+/)[1]}`)), [0n, 0n]);
});

test('a new session and a working directory', () => {
  assert.equal(shell('pwd', { workingDirectory: '/usr' }), '/usr');
  const [pid, session] = shell('cut -d" " -f1,6 /proc/$$/stat', { newSession: true }).split(' ');
  assert.equal(session, pid);
});

test('a missing program, and one that may not run, are refused without leaving a child', () => {
  const request = { argv: ['x'], env: {} };
  assert.throws(() => posixSpawn({ ...request, path: '/no/such/program' }), { kind: 'not-found', message: /start \/no\/such\/program/ });
  assert.throws(() => posixSpawn({ ...request, path: '/etc/passwd' }), { kind: 'forbidden' });
  assert.throws(() => posixSpawn({ ...request, path: '/bin/true', workingDirectory: '/no/such' }), { kind: 'not-found' });
  assert.throws(() => waitPid(-1, { noHang: true }), (thrown: unknown) => thrown instanceof GantryError && thrown.kind === 'not-found');
});
