import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerIo } from '../io.ts';
import { AttachedClients } from './attached-clients.ts';

/** A connection that writes down what is done to it. */
function fakeConnection() {
  const told: string[] = [];
  let output: (stream: 1 | 2, bytes: Uint8Array) => void = () => {};
  let ended = (): void => {};
  let drained = (): void => {};
  const io: ContainerIo = {
    onOutput: (callback) => void (output = callback), onEnd: (callback) => void (ended = callback), onDrain: (callback) => void (drained = callback),
    write: (bytes) => told.push(`write ${new TextDecoder().decode(bytes)}`) > 0, endInput: () => void told.push('end input'),
    pause: () => void told.push('pause'), resume: () => void told.push('resume'), close: () => void told.push('close'), abort: () => ended(),
  };
  return { io, told, say: (text: string) => output(1, new TextEncoder().encode(text)), end: () => ended(), drain: () => drained() };
}

const watching = { stdin: false, endsInput: false };

function heardBy(io: ContainerIo): string[] {
  const heard: string[] = [];
  io.onOutput((stream, bytes) => void heard.push(`${stream} ${new TextDecoder().decode(bytes)}`));
  io.onEnd(() => void heard.push('end'));
  return heard;
}

test('clients share one connection, which none of them closes', () => {
  const connection = fakeConnection();
  let made = 0;
  const clients = new AttachedClients(() => (made += 1, connection.io));
  const [first, second] = [clients.add('/c', watching), clients.add('/c', watching)];
  const [one, two] = [heardBy(first), heardBy(second)];
  connection.say('a');
  first.close();
  connection.say('b');
  second.close();
  connection.say('nobody hears it');
  const third = heardBy(clients.add('/c', watching));
  connection.say('c');
  connection.end();
  assert.deepEqual([one, two, third], [['1 a'], ['1 a', '1 b'], ['1 c', 'end']]);
  assert.deepEqual([made, connection.told], [1, []]);
  heardBy(clients.add('/c', watching));
  assert.equal(made, 2, 'the next start has a connection of its own');
});

test('the slowest holds the output back until it goes or goes on', () => {
  const connection = fakeConnection();
  const clients = new AttachedClients(() => connection.io);
  const [first, second] = [clients.add('/c', watching), clients.add('/c', watching)];
  first.pause();
  second.pause();
  first.resume();
  assert.deepEqual(connection.told, ['pause', 'pause']);
  second.close();
  second.pause();
  assert.deepEqual(connection.told, ['pause', 'pause', 'resume']);
});

test('input is written by those who may, and ends where its end is the container\'s', () => {
  const connection = fakeConnection();
  const clients = new AttachedClients(() => connection.io);
  const [reader, open, once] = [clients.add('/c', watching), clients.add('/c', { stdin: true, endsInput: false }), clients.add('/c', { stdin: true, endsInput: true })];
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  reader.write(bytes('x'));
  reader.endInput();
  open.write(bytes('a'));
  open.endInput();
  once.write(bytes('b'));
  let drains = 0;
  once.onDrain(() => (drains += 1));
  connection.drain();
  once.endInput();
  open.write(bytes('late'));
  assert.deepEqual([connection.told, drains], [['write a', 'write b', 'end input'], 1]);
});

test('an abandoned container ends it for all, and who aborts ends alone', () => {
  const connection = fakeConnection();
  const clients = new AttachedClients(() => connection.io);
  const [first, second] = [clients.add('/c', watching), clients.add('/c', watching)];
  const [one, two] = [heardBy(first), heardBy(second)];
  first.abort();
  assert.deepEqual([one, two], [['end'], []]);
  clients.close('/c');
  assert.deepEqual([one, two], [['end'], ['end']]);
});

test('all is given when the connection has ended, and at once where nobody listens', async () => {
  const connection = fakeConnection();
  const clients = new AttachedClients(() => connection.io);
  await clients.drained('/box');
  const client = clients.add('/box', watching);
  await clients.drained('/box');
  const heard = heardBy(client);
  let isDrained = false;
  const drained = clients.drained('/box').then(() => { isDrained = true; });
  connection.say('last');
  await Promise.resolve();
  assert.equal(isDrained, false);
  connection.end();
  await drained;
  assert.deepEqual(heard, ['1 last', 'end']);
});
