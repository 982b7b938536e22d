import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIp } from '../ip.ts';
import { answerWithAlias, questionAfter, readRecords } from './alias.ts';
import { encodeAnswer, encodeFailure, isUnreadable, parseQuery, RCODE, TYPE, type Query } from './message.ts';

function query(name: string, type: number = TYPE.a): Query {
  const labels = name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const read = parseQuery(Uint8Array.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]));
  assert.ok(!isUnreadable(read));
  return read;
}

const asked = query('out.shop.svc.cluster.local');

test('the question after a name is a question', () => {
  const { message, query: after } = questionAfter('Example.COM.', asked);
  const read = parseQuery(message);
  assert.ok(!isUnreadable(read));
  assert.deepEqual([read.name, read.type, read.id, read.recursionDesired], ['example.com', TYPE.a, 0x1234, true]);
  assert.deepEqual(after.question, read.question);
});

test('an answer to it becomes one to the first, with the alias before it', () => {
  const { query: after } = questionAfter('example.com', asked);
  const upstream = encodeAnswer(after, { rcode: RCODE.ok, ttlSeconds: 60, resources: [{ kind: 'alias', name: 'www.example.com' }, { kind: 'address', ip: parseIp('192.0.2.1'), owner: 'www.example.com' }, { kind: 'address', ip: parseIp('2001:db8::1'), owner: 'www.example.com' }] }, 512);
  assert.deepEqual(readRecords(answerWithAlias(asked, 'example.com', upstream, 512)), [
    { kind: 'alias', name: 'example.com', owner: 'out.shop.svc.cluster.local' }, { kind: 'alias', name: 'www.example.com', owner: 'example.com' },
    { kind: 'address', ip: parseIp('192.0.2.1'), owner: 'www.example.com' }, { kind: 'address', ip: parseIp('2001:db8::1'), owner: 'www.example.com' },
  ]);
  const missing = answerWithAlias(asked, 'example.com', encodeFailure(1, RCODE.noSuchName, after.question), 512);
  assert.equal((missing[3] ?? 0) & 0xf, RCODE.noSuchName);
  assert.equal(readRecords(missing).length, 1, 'the alias is true all the same');
  assert.equal((answerWithAlias(asked, 'example.com', encodeFailure(1, RCODE.serverFailure), 512)[3] ?? 0) & 0xf, RCODE.serverFailure);
});

test('what came cut is cut again', () => {
  const upstream = encodeAnswer(questionAfter('example.com', asked).query, { rcode: RCODE.ok, ttlSeconds: 1, resources: [{ kind: 'address', ip: parseIp('192.0.2.1') }] }, 20);
  assert.ok(((answerWithAlias(asked, 'example.com', upstream, 512)[2] ?? 0) & 0x02) !== 0);
});

test('pointers lead backwards, and no bytes make it fail or go round', () => {
  const loop = Uint8Array.from([0, 1, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]);
  assert.deepEqual(readRecords(loop), []);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    readRecords(bytes);
    answerWithAlias(asked, 'example.com', bytes, 512);
  }));
});
