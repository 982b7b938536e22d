import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { NodePort } from './node-port.ts';
import { Prober } from './prober.ts';

const id = 'c' as ContainerId;
const container = { name: 'c', ports: [{ name: 'web', containerPort: 8080 }] };

test('a command that takes too long has failed, and is ended', async () => {
  const clock = new ManualClock();
  const killed: string[] = [];
  const execs = { create: async () => 'e', start: async () => ({ io: undefined, done: new Promise<number>(() => {}) }), kill: async (exec: string, signal: number) => void killed.push(`${exec} ${signal}`) };
  const asked = new Prober({ execs } as unknown as EnginePort, {} as NodePort, clock).ask(container, id, '', { exec: { command: ['sleep', '9'] } }, 1000);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  clock.advance(1000);
  assert.deepEqual(await asked, { ok: false, message: 'command timed out: sleep 9 timed out after 1s' });
  assert.deepEqual(killed, ['e 9']);
});

test('ports are known by name, and each kind of handler asks what it is for', async () => {
  const asked: unknown[] = [];
  const note = async (question: unknown): Promise<{ ok: boolean; message: string }> => {
    asked.push(question);
    return { ok: true, message: '' };
  };
  const prober = new Prober({} as EnginePort, { httpGet: note, tcpConnect: note, grpcHealth: note } as unknown as NodePort, new ManualClock());
  await prober.ask(container, id, '10.1.0.2', { httpGet: { path: '/x', port: 'web' } }, 1000);
  await prober.ask(container, id, '10.1.0.2', { tcpSocket: { port: 9 } }, 1000);
  await prober.ask(container, id, '10.1.0.2', { grpc: { port: 9, service: 's' } }, 1000);
  assert.deepEqual(asked, [
    { address: '10.1.0.2', port: 8080, path: '/x', isTls: false, headers: [], timeoutMs: 1000 }, { address: '10.1.0.2', port: 9, timeoutMs: 1000 }, { address: '10.1.0.2', port: 9, service: 's', timeoutMs: 1000 },
  ]);
  assert.match((await prober.ask(container, id, '', { httpGet: { port: 'none' } }, 1000)).message, /has no port "none"/);
});

test('a hook that sleeps takes so long, and no longer than it has', async () => {
  const clock = new ManualClock();
  const prober = new Prober({} as EnginePort, {} as NodePort, clock);
  let done = 0;
  void prober.ask(container, id, '', { sleep: { seconds: 5 } }, 10_000).then(() => (done += 1));
  void prober.ask(container, id, '', { sleep: { seconds: 60 } }, 10_000).then(() => (done += 1));
  const settle = async (): Promise<void> => { for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); };
  await settle();
  clock.advance(4_999);
  await settle();
  assert.equal(done, 0);
  clock.advance(1);
  await settle();
  assert.equal(done, 1);
  clock.advance(5_000);
  await settle();
  assert.equal(done, 2);
});
