import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { encodeMessage } from '#cluster/kinds/proto-encode.ts';
import { sealEnvelope } from '#cluster/kinds/proto-envelope.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { Simulation } from './_simulation.ts';
import { jsonPatch } from './patch/json-patch.ts';
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
  assert.throws(() => checkValueCount(large.value), /more than 30000 fields and items/);
  // Its last list but one is the last that is gone through; each costs its items and a few words about the list itself.
  assert.ok(large.reads() <= 3 * MOST_VALUES, `${large.reads()} reads`);
});

const map = (count: number): Json => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'x']));

test('what says who owns the fields of an object does not count for it, but has a bound too', () => {
  const tracked = (own: number, fields: number): Json => ({ metadata: { managedFields: [{ fieldsV1: { 'f:data': map(fields) } }] }, data: map(own) });
  assert.equal(checkValueCount(tracked(10, 10)), false);
  assert.equal(checkValueCount(tracked(25_000, 25_000)), true);
  assert.throws(() => checkValueCount(tracked(30_000, 0)), { kind: 'too-large' });
  assert.throws(() => checkValueCount(tracked(10, MOST_VALUES)), { kind: 'too-large' });
});

test('a write of a large object leaves others the loop between its parts, whichever way it is written', async () => {
  let turns = 0;
  const cluster = new Simulation(() => ({}), rulesOf, async () => void (turns += 1));
  const path = '/api/v1/namespaces/default/configmaps';
  const turnsOf = async (method: string, name: string, body: Json, type?: string): Promise<number> => {
    turns = 0;
    const { code } = await cluster.ask(method, method === 'POST' ? path : `${path}/${name}?fieldManager=other&force=true`, body, type === undefined ? {} : { type });
    assert.ok(code < 300, `${method} ${type ?? ''}: ${code}`);
    return turns;
  };
  const config = (name: string, count: number, value = 'x'): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value])) });
  assert.equal(await turnsOf('POST', 'small', config('small', 1_000)), 0);
  assert.equal(await turnsOf('PUT', 'small', config('small', 1_000, 'y')), 0);
  // Beside reading it: whose fields they are is found (in three parts), it is changed and checked, validated, charged for and written.
  assert.equal(await turnsOf('POST', 'large', config('large', 4_000)), 7);
  assert.equal(await turnsOf('PUT', 'large', config('large', 4_000, 'y')), 7);
  assert.equal(await turnsOf('PATCH', 'large', { data: { k1: 'z' } }, 'application/merge-patch+json'), 7, 'a small patch of a large object');
  assert.ok(await turnsOf('PATCH', 'large', config('large', 4_000, 'a'), 'application/apply-patch+yaml') >= 10);
  assert.ok(await turnsOf('PATCH', 'new', config('new', 4_000), 'application/apply-patch+yaml') >= 10);
});

test('a body that nests too deep is refused before it is parsed', () => {
  for (const text of [`a: ${'['.repeat(2_000)}`, `a:\n  ${'- '.repeat(2_000)}x`, `a:\n  ${'? '.repeat(2_000)}x`, `a: ${'{b: '.repeat(2_000)}`]) {
    assert.throws(() => parseYaml(new TextEncoder().encode(text)), /nests more than 1000 levels deep/, text.slice(0, 20));
  }
  const flat = `a:\n${'- [1]\r\n'.repeat(2_000)}b: "${'['.repeat(2_000)}"\nc: |\n  ${'- '.repeat(2_000)}\n`;
  assert.equal((parseYaml(new TextEncoder().encode(flat)).value as { readonly a: readonly Json[] }).a.length, 2_000);
});

test('copies of a JSON patch count by their values', () => {
  const operations = Array.from({ length: 10 }, (_, index) => ({ op: 'copy', from: '/data', path: `/copy${index}` }));
  assert.throws(() => jsonPatch({ data: map(10_000) }, operations), /copies add more than 60000 fields and items/);
  assert.equal(Object.keys(jsonPatch({ data: map(1_000) }, operations) as JsonObject).length, 11);
});

test('defaults count, before anybody owns them', async () => {
  const cluster = new Simulation(() => ({}), rulesOf);
  const containers = Array.from({ length: MOST_VALUES / 10 }, (_, index) => ({ name: `c${index}`, image: 'i' }));
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
