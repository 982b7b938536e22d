import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';
import type { ExpectedExec } from '../port.ts';
import { startExec } from './exec.ts';
import type { HostContext } from './host-context.ts';
import { processReference } from './monitor.ts';
import { PreparedExecs } from './prepared-execs.ts';
import { SealedProgram } from './sealed-program.ts';

const run = mkdtempSync(join(tmpdir(), 'gantry-execs-'));
after(() => rmSync(run, { recursive: true, force: true }));

/** As crun does: --root=R --log=file:L --log-format=json exec --process P --pid-file F CONTAINER. It notes when it begins, and when it was given nothing. */
const RUNTIME = `#!/bin/sh
echo $$ >>${run}/begun
program=$(cat "$6")
[ -n "$program" ] || { echo $$ >>${run}/given-up; exit 1; }
echo $$ >"$8"
echo "$program $9"
exit 7
`;
const runtime = join(run, 'crun');
writeFileSync(runtime, RUNTIME);
chmodSync(runtime, 0o755);
mkdirSync(`${run}/runtime/box`, { recursive: true });
writeFileSync(`${run}/runtime/box/status`, '');

const overdue = new Set<() => void>();
const timers = {
  after: (_ms: number, callback: () => void) => {
    overdue.add(callback);
    return () => void overdue.delete(callback);
  },
};
const crun = { name: 'crun', path: runtime, version: '1' };
const context = { run, timers, facts: { runtime: crun, runtimes: [crun] }, sealedCrun: new SealedProgram(runtime) } as unknown as HostContext;
const self = processReference(process.pid);
const execs = new PreparedExecs(context);

const expected = (id: string, more: Partial<ExpectedExec> = {}): ExpectedExec => ({ id, container: 'box', containerProcess: self, directory: `${run}/execs/${id}`, terminal: false, stdin: false, ...more });
const linesOf = (file: string): string[] => (existsSync(join(run, file)) ? readFileSync(join(run, file), 'utf8').trim().split('\n') : []);

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 20_000; !isSo();) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function play(id: string, more: Partial<ExpectedExec> = {}): Promise<[output: string, exitCode: number]> {
  const { io, exitCode } = await startExec(context, { ...expected(id, more), attached: true, processJson: `{"${id}":1}` }, execs);
  assert.ok(io);
  let output = '';
  io.onOutput((_stream, bytes) => (output += Buffer.from(bytes).toString()));
  await new Promise<void>((resolve) => io.onEnd(resolve));
  return [output, await exitCode];
}

test('a runtime that waits for an exec runs it, and one that nobody prepared runs it too', async () => {
  for (const [id, prepares] of [['first', true], ['second', false]] as const) {
    const before = linesOf('begun').length;
    if (prepares) {
      execs.expect(expected(id));
      await until('it has begun without a program', () => linesOf('begun').length === before + 1);
    }
    assert.deepEqual(await play(id), [`{"${id}":1} box\n`, 7]);
    assert.equal(linesOf('begun').length, before + 1, id);
    await until('its files go', () => !existsSync(`${run}/execs/${id}`));
  }
  assert.equal(overdue.size, 0);
  assert.deepEqual(linesOf('given-up'), []);
});

test('one that has read of a process that the container has no more is not used', async () => {
  execs.expect(expected('stale', { containerProcess: { ...self, startTime: '1' } }));
  await until('it has begun', () => linesOf('begun').length === 3);
  assert.deepEqual(await play('stale'), ['{"stale":1} box\n', 7]);
  await until('the stale one gave up', () => linesOf('given-up').length === 1);
});

test('nor is one whose container has ended', async () => {
  const gone = { pid: 2 ** 22 - 1, startTime: '1' };
  const before = linesOf('begun').length;
  execs.expect(expected('orphan', { containerProcess: gone }));
  await until('it has begun', () => linesOf('begun').length === before + 1);
  assert.equal(execs.take({ ...expected('orphan', { containerProcess: gone }), attached: true, processJson: '{}' }), undefined);
  await until('it gave up', () => linesOf('given-up').length === 2);
});

test('an exec that is started before its runtime has begun begins it itself', async () => {
  const before = linesOf('begun').length;
  execs.expect(expected('hasty'));
  assert.deepEqual(await play('hasty'), ['{"hasty":1} box\n', 7]);
  assert.equal(linesOf('begun').length, before + 1);
});

test('at most four wait, not for ever, and not for those that need a monitor', async () => {
  const begunBefore = linesOf('begun').length;
  execs.expect(expected('terminal', { terminal: true }));
  for (let number = 0; number < 9; number++) execs.expect(expected(`idle${number}`));
  assert.equal(overdue.size, 0, 'the answer goes before');
  await until('four have begun', () => linesOf('begun').length - begunBefore === 4);
  assert.equal(execs.take({ ...expected('idle0'), attached: false, processJson: '{}' }), undefined, 'one without a client has a monitor');
  for (const callback of overdue) callback();
  await until('all gave up', () => linesOf('given-up').length === 6);
  assert.deepEqual(readdirSync(`${run}/execs`), []);
  // And what was given up can be started after all.
  assert.deepEqual(await play('idle1'), ['{"idle1":1} box\n', 7]);
});
