import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bool, integer, list, map, nullable, optional, pair, parseJson, struct, text, words } from './decode.ts';
import { decodeCreateBody } from './wire/create-request.ts';
import { CONFIG } from './wire/config.ts';
import { HOST_CONFIG } from './wire/host-config.ts';

const SHAPE = struct('Shape', { Name: text, Count: integer('int'), Flag: bool, List: list(text), Map: map(text), Maybe: nullable(integer()), Less: optional(text) });

describe('decoding as Go does', () => {
  test('absent fields have their zero value, optional ones are absent', () => {
    assert.deepEqual(SHAPE.decode({}, ''), { Name: '', Count: 0, Flag: false, List: null, Map: null, Maybe: null });
  });

  test('null is the zero value', () => {
    assert.deepEqual(SHAPE.decode({ Name: null, Count: null, List: null, Less: null }, ''), SHAPE.zero());
  });

  test('names match in any case, unknown ones are ignored', () => {
    assert.deepEqual(SHAPE.decode({ name: 'a', COUNT: 2, nope: {} }, ''), { ...SHAPE.zero(), Name: 'a', Count: 2 });
  });

  for (const [json, message] of [
    [{ Name: 1 }, 'invalid JSON: json: cannot unmarshal number into Go struct field .Name of type string'],
    [{ Count: '1' }, 'invalid JSON: json: cannot unmarshal string into Go struct field .Count of type int'],
    [{ Count: 1.5 }, 'invalid JSON: json: cannot unmarshal number 1.5 into Go struct field .Count of type int'],
    [{ Flag: 'x' }, 'invalid JSON: json: cannot unmarshal string into Go struct field .Flag of type bool'],
    [{ List: {} }, 'invalid JSON: json: cannot unmarshal object into Go struct field .List of type []string'],
    [{ List: [true] }, 'invalid JSON: json: cannot unmarshal bool into Go struct field .List.0 of type string'],
    [{ Map: { 'a/b': [] } }, 'invalid JSON: json: cannot unmarshal array into Go struct field .Map.a~1b of type string'],
    [[], 'invalid JSON: json: cannot unmarshal array into Go value of type Shape'],
  ] as const) {
    test(`a wrong type names its field: ${JSON.stringify(json)}`, () => {
      assert.throws(() => SHAPE.decode(json as never, ''), { kind: 'invalid', message });
    });
  }

  test('keys of the language are data', () => {
    const decoded = SHAPE.decode(parseJson('{"Map":{"__proto__":"a","constructor":"b"},"__proto__":{"Name":"x"}}'), '');
    assert.equal(JSON.stringify(decoded.Map), '{"__proto__":"a","constructor":"b"}');
    assert.equal(decoded.Name, '');
    assert.equal(({} as Record<string, unknown>)['a'], undefined);
  });

  test('a number stays one that a Go client can read', () => {
    assert.ok(BigInt(JSON.stringify(integer().decode(9223372036854775807, ''))) < 2n ** 63n);
    assert.throws(() => integer('uint16').decode(65_536, ''), { kind: 'invalid' });
    assert.throws(() => integer('uint64').decode(-1, ''), { kind: 'invalid' });
  });

  test('a command may be one string; a pair has two numbers', () => {
    assert.deepEqual(words.decode('sh', ''), ['sh']);
    assert.deepEqual(pair.decode([1, 2, 3], ''), [1, 2]);
    assert.deepEqual(pair.decode([7], ''), [7, 0]);
  });

  test('bodies that are no JSON', () => {
    for (const [body, message] of [
      ['', 'invalid JSON: got EOF while reading request body'], ['{', 'invalid JSON: unexpected EOF'], ['{"a":1', 'invalid JSON: unexpected EOF'], ['{}{}', 'unexpected content after JSON'],
    ] as const) assert.throws(() => parseJson(body), { message });
  });

  test('never anything but a decoded body or a refusal, whatever is sent', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(HOST_CONFIG.zero()), ...Object.keys(CONFIG.zero())), (json, field) => {
      try {
        decodeCreateBody({ [field]: json, HostConfig: { [field]: json } } as never);
      } catch (thrown) {
        assert.equal((thrown as { kind?: string }).kind, 'invalid');
      }
    }));
  });

  test('deep nesting in what is unknown costs nothing', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    assert.equal(decodeCreateBody(parseJson(`{"Image":"x","Unknown":${deep}}`)).config.Image, 'x');
  });
});
