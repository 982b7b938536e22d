import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { SystemTimers } from '#base/edge/system-clock.ts';
import type { ContainerExit } from '../port.ts';
import { Exits } from './exits.ts';
import { processReferenceOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';

const PATIENCE_MS = 150;

/** Exits over processes that stand for containers and monitors. */
function open(t: TestContext, { drained = true } = {}) {
  const run = mkdtempSync(join(tmpdir(), 'gantry-exits-'));
  mkdirSync(join(run, 'exits'));
  t.after(() => rmSync(run, { recursive: true }));
  const context = { run, timers: new SystemTimers(), cgroup: '/none', cgroups: { version: 'v2', root: run } } as unknown as HostContext;
  const abandoned: string[] = [];
  const streams = Promise.withResolvers<void>();
  if (drained) streams.resolve();
  const abandon = (id: string): void => { abandoned.push(id); streams.resolve(); };
  const exits = new Exits(context, (id) => join(run, id), { drained: () => streams.promise, abandon }, PATIENCE_MS);
  exits.open();
  const { promise: reported, resolve } = Promise.withResolvers<ContainerExit>();
  exits.onExit(resolve);
  return {
    exits, reported, abandoned,
    watch(container: ChildProcess, monitor: ChildProcess) { exits.watch('box', reference(container), reference(monitor)); },
    /** As conmon does: whole, or not there. */
    note(code: number) {
      writeFileSync(join(run, 'exits', 'box.tmp'), String(code));
      renameSync(join(run, 'exits', 'box.tmp'), join(run, 'exits', 'box'));
    },
    isNoted: () => existsSync(join(run, 'exits', 'box')),
  };
}

function start(t: TestContext): ChildProcess {
  const child = spawn('sleep', ['100'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function reference(child: ChildProcess) {
  const found = processReferenceOf(child.pid ?? 0);
  assert.ok(found !== undefined);
  return found;
}

test('the note is the news; a next run waits for the monitor', async (t) => {
  const { exits, reported, watch, note, isNoted } = open(t);
  const [container, monitor] = [start(t), start(t)];
  watch(container, monitor);
  await end(container);
  note(3);
  assert.deepEqual({ ...await reported, atNs: 0n }, { id: 'box', exitCode: 3, oomKilled: false, atNs: 0n });
  let left = false;
  const leaving = exits.left('box').then(() => { left = true; });
  await sleep(20);
  assert.equal(left, false, 'the monitor is still there');
  await end(monitor);
  await leaving;
  await exits.forget('box');
  assert.equal(isNoted(), false);
  await exits.left('box');
});

test('a note that was there before anybody looked is found', async (t) => {
  const { reported, watch, note } = open(t);
  const [container, monitor] = [start(t), start(t)];
  note(7);
  watch(container, monitor);
  assert.equal((await reported).exitCode, 7);
});

test('a monitor that ends without a note was killed, and its container goes too', async (t) => {
  const { reported, watch } = open(t);
  const [container, monitor] = [start(t), start(t)];
  const ended = once(container, 'exit');
  watch(container, monitor);
  await end(monitor);
  assert.equal((await reported).exitCode, 137);
  assert.deepEqual((await ended)[1], 'SIGKILL');
});

test('nobody learns of the end before who is attached has everything, or is let go', async (t) => {
  const { reported, abandoned, watch, note } = open(t, { drained: false });
  const [container, monitor] = [start(t), start(t)];
  watch(container, monitor);
  note(0);
  assert.equal(await Promise.race([reported, sleep(50)]), undefined);
  await end(container);
  assert.equal((await reported).exitCode, 0);
  assert.deepEqual(abandoned, ['box']);
});

test('a client that takes nothing in is let go, but not one of the next run', async (t) => {
  const { exits, reported, abandoned, watch, note } = open(t);
  const first = [start(t), start(t)] as const;
  watch(...first);
  await end(first[0]);
  note(0);
  await reported;
  await end(first[1]);
  await exits.forget('box');
  const second = [start(t), start(t)] as const;
  watch(...second);
  await sleep(2 * PATIENCE_MS);
  assert.deepEqual(abandoned, []);
  await end(second[0]);
  await sleep(2 * PATIENCE_MS);
  assert.deepEqual(abandoned, ['box']);
});
