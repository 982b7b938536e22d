import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bootId, identifyProcess, isAlive, onProcessExit, parseProcessStat, readProcessStat, signalProcess, type ProcessIdentity,
} from './processes.ts';
import { posixSpawn } from './spawn.ts';
import { waitForExit, waitPid } from './wait.ts';

const TAIL = `S 1 42 42 0 -1 4194560 100 0 0 0 1 2 3 4 20 0 1 0 ${'7'.repeat(9)} 1000 200`;

function startSleep(): ProcessIdentity {
  const pid = posixSpawn({ path: '/bin/sleep', argv: ['sleep', '30'], env: {} });
  const identity = identifyProcess(pid);
  assert.ok(identity);
  return identity;
}

test('a name made to look like the rest of the line', () => {
  for (const name of ['sh', 'a) R 2 3 (b', ')))', '(', '', 'x\ny)']) {
    assert.deepEqual(parseProcessStat(`42 (${name}) ${TAIL}\n`), { pid: 42, name, state: 'S', parent: 1, group: 42, startTime: 777777777n });
  }
});

test('lines that are cut short are refused, never misread', () => {
  const line = `42 (a) b) ${TAIL}`;
  const end = line.indexOf('777777777') + 9;
  fc.assert(fc.property(fc.integer({ min: 0, max: line.indexOf('777777777') }), (length) => {
    assert.equal(parseProcessStat(line.slice(0, length)), undefined);
  }));
  assert.equal(parseProcessStat(line.slice(0, end))?.startTime, 777777777n);
});

test('this process', () => {
  const stat = readProcessStat(process.pid);
  assert.equal(stat?.parent, process.ppid);
  const identity = identifyProcess(process.pid);
  assert.ok(identity && isAlive(identity));
  assert.equal(readProcessStat(2 ** 22 + 1), undefined);
});

test('a signal reaches the process it is meant for, and nobody after its end', async () => {
  const identity = startSleep();
  assert.equal(signalProcess(identity, 'SIGTERM'), true);
  assert.equal((await waitForExit(identity.pid)).signal, 'SIGTERM');
  assert.equal(isAlive(identity), false);
  assert.equal(signalProcess(identity, 'SIGTERM'), false);
});

test('a stranger with the same pid is never signalled', async () => {
  const stranger = startSleep();
  const gone = { pid: stranger.pid, startTime: stranger.startTime - 1n };
  assert.equal(isAlive(gone), false);
  assert.equal(signalProcess(gone, 'SIGKILL'), false);
  await new Promise<void>((resolve) => void onProcessExit(gone, resolve));
  assert.equal(waitPid(stranger.pid, { noHang: true }), undefined);
  signalProcess(stranger, 'SIGKILL');
  await waitForExit(stranger.pid);
});

test('the end of a process is seen, and one that nobody reaped is not alive', async () => {
  const identity = startSleep();
  const ended = new Promise<void>((resolve) => void onProcessExit(identity, resolve));
  signalProcess(identity, 'SIGKILL');
  await ended;
  assert.equal(readProcessStat(identity.pid)?.state, 'Z');
  assert.equal(isAlive(identity), false);
  waitPid(identity.pid);
});

test('the boot id is a UUID', () => assert.match(bootId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));
