import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeOnward } from './_fake-onward.ts';
import { PortChannels, portsOf } from './port-channels.ts';
import type { Onward } from './port-forward.ts';
import type { Transport } from './spdy/connection.ts';

const settle = async (): Promise<void> => { for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); };
const message = (channel: number, text: string): Uint8Array => Uint8Array.from([channel, ...new TextEncoder().encode(text)]);

function start(ports: readonly number[], dial: (port: number) => Promise<Onward>): { channels: PortChannels; sent: () => string[]; state: string[] } {
  const out: Uint8Array[] = [];
  const state: string[] = [];
  const transport: Transport = { send: (bytes) => void out.push(bytes), whenSent: (callback) => callback(), pause: () => void state.push('pause'), resume: () => void state.push('resume'), close: () => void state.push('close') };
  const channels = new PortChannels({ transport, dial, pod: 'default/web' }, ports);
  channels.open();
  return { channels, state, sent: () => out.splice(0).map((bytes) => `${bytes[0]}: ${new TextDecoder('latin1').decode(bytes.subarray(1))}`) };
}

test('ports are named one by one or in a list, and all of them are ports', () => {
  assert.deepEqual(portsOf(['80', '443,8080']), [80, 443, 8080]);
  for (const wrong of [[], ['0'], ['65536'], ['80,'], ['http'], ['-1'], Array.from({ length: 129 }, () => '80')]) assert.throws(() => portsOf(wrong), /the query parameter "ports"/, wrong.join());
});

test('each port has a channel for its bytes and one for its errors, and both begin with its number', async () => {
  const made = new Map<number, FakeOnward>();
  const { channels, sent, state } = start([80, 8000], async (port) => {
    made.set(port, new FakeOnward());
    return made.get(port) as FakeOnward;
  });
  assert.deepEqual(sent(), ['0: P\0', '1: P\0', '2: @\x1f', '3: @\x1f']);
  channels.receive(message(2, 'early'));
  await settle();
  channels.receive(message(0, 'one'));
  channels.receive(message(2, 'late'));
  for (const odd of [message(1, 'x'), message(4, 'x'), message(255, 'x'), new Uint8Array(), message(0, '')]) channels.receive(odd);
  assert.deepEqual([made.get(80)?.written, made.get(8000)?.written], [['one'], ['early', 'late']]);
  made.get(8000)?.output(1, new TextEncoder().encode('answer'));
  assert.deepEqual(sent(), ['2: answer']);
  made.get(80)?.end();
  assert.ok(!state.includes('close'), 'the other port goes on');
  made.get(8000)?.end();
  assert.equal(state.at(-1), 'close');
  assert.deepEqual([made.get(80)?.written.at(-1), made.get(8000)?.written.at(-1)], ['<closed>', '<closed>']);
});

test('where nobody listens the channel for errors says so, and the connection ends', async () => {
  const { sent, state } = start([81], async () => { throw new Error('connection refused'); });
  await settle();
  assert.deepEqual(sent(), ['0: Q\0', '1: Q\0', '1: error forwarding port 81 to pod default/web: connection refused']);
  assert.equal(state.at(-1), 'close');
});

test('a slow pod holds its client, a client that floods one that is not there yet is told, one that leaves closes all', async () => {
  const onward = new FakeOnward();
  const slow = start([80], async () => onward);
  await settle();
  onward.isFull = true;
  slow.channels.receive(message(0, 'x'));
  assert.deepEqual(slow.state, ['pause']);
  onward.drain();
  assert.deepEqual(slow.state, ['pause', 'resume']);

  const late = Promise.withResolvers<Onward>();
  const flooded = start([80], () => late.promise);
  flooded.channels.receive(message(0, 'x'.repeat(1024 * 1024 + 1)));
  assert.match(flooded.sent().at(-1) ?? '', /^1: .* the client said too much before the connection was there$/);
  const never = new FakeOnward();
  late.resolve(never);
  await settle();
  assert.deepEqual(never.written, ['<closed>']);

  slow.channels.close();
  assert.equal(onward.written.at(-1), '<closed>');
});
