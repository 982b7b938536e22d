import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseProtocol, exitStatus, framed, framingOf, readClientMessage, serverMessage } from './remote-command.ts';

const BYTES = framingOf('v5.channel.k8s.io');
const TEXT = framingOf('base64.channel.k8s.io');
const text = (value: string): number[] => [...new TextEncoder().encode(value)];

test('the better protocol is chosen, and none that is not known', () => {
  assert.deepEqual([chooseProtocol(['v4.channel.k8s.io', 'v5.channel.k8s.io']), chooseProtocol(['v4.channel.k8s.io']), chooseProtocol(['channel.k8s.io']), chooseProtocol(['v6.channel.k8s.io'])], ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'channel.k8s.io', undefined]);
});

test('messages of a client', () => {
  assert.deepEqual(readClientMessage(Uint8Array.of(0, 1, 2), BYTES), { kind: 'stdin', bytes: Uint8Array.of(1, 2) });
  assert.deepEqual(readClientMessage(Uint8Array.of(255, 0), BYTES), { kind: 'stdin-end' });
  assert.deepEqual(readClientMessage(Uint8Array.of(4, ...text('{"Width":80,"Height":24}')), BYTES), { kind: 'resize', rows: 24, columns: 80 });
  for (const bytes of [[], [1, 2], [255, 1], [4, ...text('{')], [4, ...text('{"Width":"x"}')], [9]]) assert.deepEqual(readClientMessage(Uint8Array.from(bytes), BYTES), { kind: 'nothing' }, String(bytes));
});

test('a message of the server begins with its channel', () => assert.deepEqual(serverMessage(2, Uint8Array.of(7)), Uint8Array.of(2, 7)));

test('protocols of text have a digit and base64, and those before the fourth no status', () => {
  assert.deepEqual([framed(1, Uint8Array.of(104, 105), TEXT), framed(1, Uint8Array.of(104), BYTES)], ['1aGk=', Uint8Array.of(1, 104)]);
  assert.deepEqual(readClientMessage(new TextEncoder().encode('0aGk='), TEXT), { kind: 'stdin', bytes: Uint8Array.of(104, 105) });
  assert.deepEqual(readClientMessage(new TextEncoder().encode('0?'), TEXT), { kind: 'stdin', bytes: new Uint8Array() });
  assert.deepEqual(['', 'channel.k8s.io', 'v4.base64.channel.k8s.io'].map(framingOf), [{ isText: false, hasStatus: false }, { isText: false, hasStatus: false }, { isText: true, hasStatus: true }]);
});

test('how a command ended is said as kubectl reads it', () => {
  assert.equal(exitStatus(0)['status'], 'Success');
  assert.deepEqual(exitStatus(3)['details'], { causes: [{ reason: 'ExitCode', message: '3' }] });
});
