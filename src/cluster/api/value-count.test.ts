import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { encodeMessage } from '#cluster/kinds/proto-encode.ts';
import { sealEnvelope } from '#cluster/kinds/proto-envelope.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { Simulation } from './_simulation.ts';
import { PROTOBUF, readBody } from './read-body.ts';
import { checkValueCount, MOST_VALUES } from './value-count.ts';
import { parseYaml } from './yaml-body.ts';

const schemas = new SchemaSet(schemaPackages);
const MANY = 4 * MOST_VALUES;
const read = (type: string, text: string): JsonObject => readBody(schemas, type, new TextEncoder().encode(text));
/** Lists of a hundred numbers; counts what is read of them. */
function lists(count: number): { readonly value: Json; readonly reads: () => number } {
  let reads = 0;
  const list = new Proxy(Array.from({ length: 100 }, () => 0), { get: (target, name, receiver) => ((reads += 1), Reflect.get(target, name, receiver) as unknown) });
  return { value: { lists: Array.from({ length: count }, () => list) } as unknown as Json, reads: () => reads };
}

test('a text with too many values is not read to its end: what is wrong there is not found', () => {
  const list = `{"a":[${'1,'.repeat(MANY)}`;
  for (const [type, text] of [['application/json', `${list}nonsense`], ['application/yaml', `${list}nonsense`], ['application/apply-patch+yaml', `a:\n${'- 1\n'.repeat(MANY)}'nonsense`]] as const) {
    assert.throws(() => read(type, text), { kind: 'too-large' }, type);
  }
  assert.throws(() => read('application/json', `{"a":["${','.repeat(MANY)}"],nonsense`), /is no JSON/, 'commas in strings are none');
});

test('a message with too many values is refused as it is read', () => {
  const raw = encodeMessage(schemas, 'core.v1.ConfigMap', { metadata: { name: 'p', finalizers: Array.from({ length: MANY }, () => 'a/b') } });
  const broken = new Uint8Array([...sealEnvelope(schemas, { apiVersion: 'v1', kind: 'ConfigMap', raw: new Uint8Array([...raw, 0xff]) })]);
  assert.throws(() => readBody(schemas, PROTOBUF, broken), { kind: 'too-large' });
});

test('of an object no more is looked at than it takes to know that it is too large', () => {
  const small = lists(100);
  checkValueCount(small.value);
  const large = lists(MOST_VALUES / 2);
  assert.throws(() => checkValueCount(large.value), /more than 50000 fields and items/);
  // Its last list but one is the last that is gone through; each costs its items and a few words about the list itself.
  assert.ok(large.reads() <= 3 * MOST_VALUES, `${large.reads()} reads`);
});

test('defaults count, before anybody owns them', async () => {
  const cluster = new Simulation(() => ({}), rulesOf);
  const containers = Array.from({ length: MOST_VALUES / 5 }, (_, index) => ({ name: `c${index}`, image: 'i' }));
  const { code, body } = await cluster.ask('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec: { containers } });
  assert.deepEqual([code, body['reason']], [413, 'RequestEntityTooLarge']);
  assert.match(String(body['message']), /the object has more than/);
});

test('a body in YAML is parsed once, however often it is asked for', () => {
  const bytes = new TextEncoder().encode('a: 1\na: 2\n');
  assert.deepEqual(parseYaml(bytes), { value: { a: 2 }, duplicates: ['line 2: key "a" already set in map'] });
  assert.equal(parseYaml(bytes), parseYaml(bytes));
});

test('JSON in the name of YAML is what it is, and what stands twice in it is told all the same', async () => {
  assert.deepEqual(JSON.parse(JSON.stringify(read('application/yaml', ' {"a": "yes", "b": [1.50, "010", null]}'))), { a: 'yes', b: [1.5, '010', null] });
  const answer = await new Simulation().ask('PATCH', '/api/v1/namespaces/default/configmaps/m?fieldManager=t&fieldValidation=Strict', new TextEncoder().encode('{"data":{"a":"1","a":"2"}}'), { type: 'application/apply-patch+yaml' });
  assert.match(String(answer.body['message']), /line 1: key "a" already set in map/);
});
