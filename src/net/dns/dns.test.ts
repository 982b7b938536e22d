import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatIp, parseIp } from '../ip.ts';
import { hostServers } from './host-servers.ts';
import { addressOfPointer, answers, encodeAnswer, encodeFailure, isUnreadable, parseQuery, RCODE, TYPE, withId, type Query } from './message.ts';
import { NameTable } from './name-table.ts';
import { resolveLocally } from './resolve.ts';

/** A question as a resolver sends it: id 0x1234, recursion desired. */
function question(name: string, type: number, more: { flags?: number; edns?: number } = {}): Uint8Array {
  const labels = name.split('.').filter((label) => label !== '').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  const opt = more.edns === undefined ? [] : [0, 0, 41, more.edns >> 8, more.edns & 0xff, 0, 0, 0, 0, 0, 0];
  const flags = more.flags ?? 0x0100;
  return Uint8Array.from([0x12, 0x34, flags >> 8, flags & 0xff, 0, 1, 0, 0, 0, 0, 0, more.edns === undefined ? 0 : 1, ...labels, 0, type >> 8, type & 0xff, 0, 1, ...opt]);
}

function read(message: Uint8Array): Query {
  const query = parseQuery(message);
  assert.ok(!isUnreadable(query));
  return query;
}

/** Addresses of an answer that we made, and its code. */
function addressesOf(message: Uint8Array, query: Query): { rcode: number; cut: boolean; addresses: string[] } {
  const view = new DataView(message.buffer, message.byteOffset);
  const addresses: string[] = [];
  for (let at = 12 + query.question.length, left = view.getUint16(6); left > 0; left -= 1) {
    const [type, length] = [view.getUint16(at + 2), view.getUint16(at + 10)];
    const data = message.subarray(at + 12, at + 12 + length);
    addresses.push(type === TYPE.a ? data.join('.') : formatIp({ family: 6, value: data.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) }));
    at += 12 + length;
  }
  return { rcode: view.getUint16(2) & 0xf, cut: (view.getUint16(2) & 0x0200) !== 0, addresses };
}

const back = new NameTable('Back', [
  { name: 'web', aliases: ['front', 'aaaaaaaaaaaa'], addresses: [parseIp('10.0.0.2'), parseIp('fd00::2')] },
  { name: 'web2', aliases: ['front'], addresses: [parseIp('10.0.0.3')] },
]);
const other = new NameTable('other', [{ name: 'web', aliases: [], addresses: [parseIp('10.9.9.9')] }, { name: 'db', aliases: [], addresses: [parseIp('10.9.9.8')] }]);
const view = { tables: [back, other], links: new Map([['database', 'db']]) };

function ask(name: string, type: number, turn = 0): { rcode: number; addresses: string[] } | undefined {
  const query = read(question(name, type));
  const answer = resolveLocally(query, view, turn);
  if (answer === undefined) return undefined;
  const { rcode, addresses } = addressesOf(encodeAnswer(query, answer, 512), query);
  return { rcode, addresses };
}

describe('names of networks', () => {
  test('a name, an alias, a short id, a name with its network, in any case', () => {
    for (const name of ['web', 'WEB', 'aaaaaaaaaaaa', 'web.back', 'Web.Back']) assert.deepEqual(ask(name, TYPE.a), { rcode: RCODE.ok, addresses: ['10.0.0.2'] }, name);
    assert.deepEqual(ask('db', TYPE.a)?.addresses, ['10.9.9.8']);
    assert.deepEqual(ask('database', TYPE.a)?.addresses, ['10.9.9.8']);
  });

  test('several addresses, each first in its turn', () => {
    assert.deepEqual(ask('front', TYPE.a, 4)?.addresses, ['10.0.0.2', '10.0.0.3']);
    assert.deepEqual(ask('front', TYPE.a, 5)?.addresses, ['10.0.0.3', '10.0.0.2']);
  });

  test('a known name without an address of the family is answered with none, an unknown one not at all', () => {
    assert.deepEqual(ask('web2', TYPE.aaaa), { rcode: RCODE.ok, addresses: [] });
    assert.deepEqual(ask('web', TYPE.aaaa)?.addresses, ['fd00::2']);
    assert.deepEqual(ask('web', TYPE.txt)?.addresses, []);
    for (const name of ['nobody', 'web.nowhere', 'example.org', '__proto__', 'constructor', '']) assert.equal(ask(name, TYPE.a), undefined, name);
  });

  test('an address has its name, with the network', () => {
    const of = (name: string): unknown => resolveLocally(read(question(name, TYPE.ptr)), view, 0)?.resources;
    assert.deepEqual(of('2.0.0.10.in-addr.arpa'), [{ kind: 'pointer', name: 'web.back' }]);
    assert.deepEqual(of('2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa'), [{ kind: 'pointer', name: 'web.back' }]);
    for (const name of ['9.0.0.10.in-addr.arpa', '1.2.in-addr.arpa', '300.0.0.10.in-addr.arpa', 'x.ip6.arpa', 'web']) assert.equal(of(name), undefined, name);
    assert.equal(addressOfPointer('4.3.2.1.in-addr.arpa'), '1.2.3.4');
  });
});

describe('messages', () => {
  test('what does not fit is left out, and said so; EDNS makes room', () => {
    const many = new NameTable('n', Array.from({ length: 60 }, (_, index) => ({ name: `w${index}`, aliases: ['all'], addresses: [parseIp(`10.1.0.${index + 1}`)] })));
    for (const [edns, cut] of [[undefined, true], [4096, false]] as const) {
      const query = read(question('all', TYPE.a, edns === undefined ? {} : { edns }));
      const answer = resolveLocally(query, { tables: [many], links: new Map() }, 0);
      assert.ok(answer);
      const bytes = encodeAnswer(query, answer, query.udpBytes);
      assert.ok(bytes.length <= query.udpBytes);
      assert.equal(addressesOf(bytes, query).cut, cut);
    }
  });

  test('answers are never answered, and odd questions get their code', () => {
    assert.deepEqual(parseQuery(question('a', 1, { flags: 0x8100 })), { id: undefined, rcode: RCODE.formatError });
    assert.deepEqual(parseQuery(question('a', 1, { flags: 0x2800 })), { id: 0x1234, rcode: RCODE.notImplemented });
    assert.deepEqual(parseQuery(Uint8Array.from([0x12, 0x34, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0])), { id: 0x1234, rcode: RCODE.formatError });
    assert.deepEqual(parseQuery(Uint8Array.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1])), { id: 0x1234, rcode: RCODE.formatError }, 'a pointer to itself');
  });

  test('an answer belongs to its question by name and type', () => {
    const query = read(question('Example.org', TYPE.a));
    const answer = encodeFailure(7, RCODE.ok, question('example.ORG', TYPE.a).slice(12));
    assert.ok(answers(answer, query));
    assert.ok(!answers(encodeFailure(7, RCODE.ok, question('example.com', TYPE.a).slice(12)), query));
    assert.ok(!answers(encodeFailure(7, RCODE.ok, question('example.org', TYPE.aaaa).slice(12)), query));
    assert.ok(!answers(question('example.org', TYPE.a), query), 'a question is no answer');
    const received = Buffer.from(answer);
    assert.deepEqual([...withId(received, 0x0102).subarray(0, 2)], [1, 2]);
    assert.deepEqual([...received.subarray(0, 2)], [0, 7], 'the message that came stays as it is');
  });

  test('no bytes make it fail', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const query = parseQuery(bytes);
      if (!isUnreadable(query)) resolveLocally(query, view, 3);
    }));
    // And those that begin like a question.
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
      const query = parseQuery(Uint8Array.from([1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, ...rest]));
      if (isUnreadable(query)) return;
      const answer = resolveLocally(query, view, 3);
      if (answer !== undefined) assert.ok(encodeAnswer(query, answer, query.udpBytes).length <= query.udpBytes);
    }));
  });
});

test('the servers of the host', () => {
  assert.deepEqual(hostServers('# x\nsearch a b\nnameserver 192.0.2.1\n nameserver\t::1 \nnameserver\noptions ndots:2\nnameserver 1.1.1.1\nnameserver 2.2.2.2'), ['192.0.2.1', '::1', '1.1.1.1']);
});
