import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  attribute, concat, decodeAcknowledgement, decodeAttributes, decodeMessages, encodeMessage, FLAG, MESSAGE, nested, text, textOf, u32, u32Of,
} from './codec.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(' ', ''), 'hex');

test('a message is its length, type, flags, sequence, port 0, body and padding', () => {
  const message = encodeMessage({ type: 16, flags: FLAG.request | FLAG.ack, sequence: 0x01020304, body: Uint8Array.of(0xaa) });
  assert.equal(hex(message), '11000000' + '1000' + '0500' + '04030201' + '00000000' + 'aa000000');
});

test('an attribute is its length, type, value and padding', () => {
  assert.equal(hex(attribute(3, text('br0'))), '0800' + '0300' + '62723000');
  assert.equal(hex(attribute(1, Uint8Array.of(1))), '0500' + '0100' + '01000000');
  assert.equal(hex(nested(18, attribute(1, text('x')))), '0c00' + '1280' + '0600' + '0100' + '78000000');
});

test('an acknowledgement without error', () => {
  const [ack] = decodeMessages(bytesOf('24000000 0200 0001 01000000 00000000 00000000 14000000 1000 0500 01000000 00000000'));
  assert.equal(ack?.type, MESSAGE.error);
  assert.deepEqual(ack && decodeAcknowledgement(ack), { errno: 0, text: undefined });
});

test("an error with the kernel's words, behind a short and behind a full copy of the request", () => {
  const words = attribute(1, text('No such bridge'));
  const header = bytesOf('18000000 1000 0500 01000000 00000000');
  const short = { type: 2, flags: FLAG.capped | FLAG.explained, sequence: 1, body: concat(bytesOf('edffffff'), header, words) };
  assert.deepEqual(decodeAcknowledgement(short), { errno: 19, text: 'No such bridge' });
  const full = { ...short, flags: FLAG.explained, body: concat(bytesOf('edffffff'), header, new Uint8Array(8), words) };
  assert.deepEqual(decodeAcknowledgement(full), { errno: 19, text: 'No such bridge' });
});

const bodies = fc.array(fc.record({
  type: fc.nat({ max: 0xffff }), flags: fc.nat({ max: 0xffff }), sequence: fc.nat({ max: 0x7fffffff }), body: fc.uint8Array({ maxLength: 40 }),
}, { noNullPrototype: true }));

test('messages come back as they were, also several from one datagram', () => {
  fc.assert(fc.property(bodies, (messages) => {
    const read = decodeMessages(concat(...messages.map(encodeMessage)));
    assert.deepEqual(read.map((message) => ({ ...message, body: Uint8Array.from(message.body) })), messages);
  }));
});

test('attributes come back as they were', () => {
  const entries = fc.uniqueArray(fc.tuple(fc.nat({ max: 0x3fff }), fc.uint8Array({ maxLength: 30 })), { selector: ([type]) => type });
  fc.assert(fc.property(entries, (pairs) => {
    const read = decodeAttributes(concat(...pairs.map(([type, value]) => attribute(type, value))));
    assert.deepEqual(new Map([...read].map(([type, value]) => [type, Uint8Array.from(value)])), new Map(pairs));
  }));
});

test('never loops or throws on bytes that are no messages', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    for (const message of decodeMessages(bytes)) decodeAttributes(message.body);
  }));
});

test('numbers and texts', () => {
  assert.equal(u32Of(u32(0xfffffffe)), 0xfffffffe);
  assert.equal(textOf(text('eth0')), 'eth0');
  assert.equal(textOf(bytesOf('65 74 68')), 'eth');
});
