import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, encode, mapOf, message, repeated } from './protobuf.ts';

const INNER = message({ a: [1, 'int'], b: [2, 'string'] });
const ALL = message({
  text: [1, 'string'], data: [2, 'bytes'], flag: [3, 'bool'], number: [4, 'int'], big: [5, 'bigint'], inner: [6, INNER], list: [7, repeated('string')], inners: [8, repeated(INNER)],
  numbers: [9, repeated('int')], map: [10, mapOf('string')], messages: [150, mapOf(INNER)],
});

test('what is encoded decodes to the same', () => {
  const inner = fc.record({ a: fc.maxSafeInteger(), b: fc.string({ unit: 'grapheme' }) }, { noNullPrototype: true });
  fc.assert(fc.property(fc.record({
    text: fc.string({ unit: 'grapheme' }), data: fc.uint8Array(), flag: fc.boolean(), number: fc.maxSafeInteger(), big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), inner,
    list: fc.array(fc.string()), inners: fc.array(inner), numbers: fc.array(fc.maxSafeInteger()), map: fc.dictionary(fc.string(), fc.string()), messages: fc.dictionary(fc.string(), inner),
  }, { noNullPrototype: true }), ({ map, messages, ...rest }) => {
    const value = { ...rest, map: new Map(Object.entries(map)), messages: new Map(Object.entries(messages)) };
    const { inner: decodedInner, inners, messages: decodedMessages, ...decoded } = decode(ALL, encode(ALL, value));
    const { inner: valueInner, inners: valueInners, messages: valueMessages, ...plain } = value;
    assert.deepEqual(decoded, plain);
    assert.deepEqual({ ...decodedInner }, valueInner);
    assert.deepEqual(inners.map((one) => ({ ...one })), valueInners);
    assert.deepEqual([...decodedMessages.keys()], [...valueMessages.keys()]);
  }));
});

test('bytes of the format are what its description says', () => {
  // protobuf.dev, "Encoding": field 1 with 150, and field 2 with the text "testing".
  const first = message({ a: [1, 'int'] });
  assert.deepEqual([...encode(first, { a: 150 })], [0x08, 0x96, 0x01]);
  assert.deepEqual([...encode(message({ b: [2, 'string'] }), { b: 'testing' })], [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  assert.equal(decode(first, Uint8Array.of(0x08, 0x96, 0x01)).a, 150);
  assert.deepEqual(decode(message({ n: [6, repeated('int')] }), Uint8Array.of(0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05)).n, [3, 270, 86942], 'packed');
});

test('unknown fields are passed over, and messages that are none are refused', () => {
  const known = message({ a: [1, 'int'] });
  assert.equal(decode(known, encode(ALL, { text: '', number: 7, data: Uint8Array.of(1), list: ['x'] })).a, 0);
  for (const bytes of [[0x08], [0x12, 0x05, 1], [0x08, ...Array.from({ length: 11 }, () => 0xff)], [0x0b]]) assert.throws(() => decode(known, Uint8Array.from(bytes)), /malformed protobuf/);
});

test('keys of users are no properties', () => {
  const map = decode(ALL, encode(ALL, { map: new Map([['__proto__', 'x'], ['constructor', 'y']]) })).map;
  assert.deepEqual([...map], [['__proto__', 'x'], ['constructor', 'y']]);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

test('no bytes make it fail otherwise', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    try {
      decode(ALL, bytes);
    } catch (thrown) {
      assert.match(String(thrown), /malformed protobuf/);
    }
  }), { numRuns: 2000 });
});
