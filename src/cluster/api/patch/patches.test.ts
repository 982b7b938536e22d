import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '#base/json.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const schemas = new SchemaSet(schemaPackages);
const plain = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;

// RFC 7386, appendix A.
for (const [target, patch, result] of [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }], [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }], [{ a: 'b' }, { a: null }, {}], [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }], [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }], [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }], [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [['a', 'b'], ['c', 'd'], ['c', 'd']], [{ a: 'b' }, ['c'], ['c']], [{ a: 'foo' }, null, null], [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: 'b', c: null }, { a: 'b' }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
] as readonly (readonly [Json, Json, Json])[]) {
  test(`merge ${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () => assert.deepEqual(plain(mergePatch(target, patch)), result));
}

// RFC 6902, appendix A, and what it leaves to the reader.
for (const [what, target, patch, result] of [
  ['add a member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
  ['add an element', { foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
  ['add at the end', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
  ['remove', { baz: 'qux', foo: ['bar', 'qux'] }, [{ op: 'remove', path: '/foo/1' }, { op: 'remove', path: '/baz' }], { foo: ['bar'] }],
  ['replace', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: null }], { baz: null }],
  ['move', { foo: { a: 1 }, qux: {} }, [{ op: 'move', from: '/foo/a', path: '/qux/b' }], { foo: {}, qux: { b: 1 } }],
  ['copy', { a: { x: [1] } }, [{ op: 'copy', from: '/a', path: '/b' }, { op: 'add', path: '/b/x/-', value: 2 }], { a: { x: [1] }, b: { x: [1, 2] } }],
  ['test', { a: { b: 1, c: 2 } }, [{ op: 'test', path: '/a', value: { c: 2, b: 1 } }], { a: { b: 1, c: 2 } }],
  ['escapes', { 'a/b': 1, 'm~n': 2 }, [{ op: 'replace', path: '/a~1b', value: 3 }, { op: 'remove', path: '/m~0n' }], { 'a/b': 3 }],
  ['a key of no object', {}, [{ op: 'add', path: '/__proto__', value: { x: 1 } }], JSON.parse('{"__proto__":{"x":1}}')],
] as readonly (readonly [string, Json, Json, Json])[]) {
  test(`JSON patch: ${what}`, () => assert.deepEqual(plain(jsonPatch(target, patch)), result));
}

for (const [what, target, patch] of [
  ['a member that is not there', {}, [{ op: 'remove', path: '/a' }]], ['an index past the end', { a: [] }, [{ op: 'add', path: '/a/1', value: 1 }]], ['a leading zero', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }]],
  ['a test that fails', { a: 1 }, [{ op: 'test', path: '/a', value: '1' }]], ['an operation that is none', {}, [{ op: 'frob', path: '/a' }]], ['no value', {}, [{ op: 'add', path: '/a' }]], ['a prototype\'s member', {}, [{ op: 'copy', from: '/toString', path: '/a' }]],
] as readonly (readonly [string, Json, Json])[]) {
  test(`JSON patch refuses ${what}`, () => assert.throws(() => jsonPatch(target, patch), /operation 0 \(/));
}

test('S-908: copies of copies, and lists that are moved again and again, come to an end', () => {
  const doubling = Array.from({ length: 40 }, (_, at) => ({ op: 'copy', from: '', path: `/c${at}` }));
  assert.throws(() => jsonPatch({ a: 'x'.repeat(100_000) }, doubling), /copies add more than 3145728 bytes/);
  assert.throws(() => jsonPatch({ a: 'x' }, doubling), /operation \d+ \(copy .*copies add more than 60000 fields and items/);
  const long = { list: Array.from({ length: 200_000 }, () => 0) };
  assert.throws(() => jsonPatch(long, Array.from({ length: 10_000 }, () => ({ op: 'add', path: '/list/0', value: 1 }))), /moves more than 20000000 items/);
  assert.equal((jsonPatch(long, Array.from({ length: 10_000 }, () => ({ op: 'add', path: '/list/-', value: 1 }))) as { list: unknown[] }).list.length, 210_000);
});

const strategic = (name: string, target: Json, patch: Json): Json => plain(strategicMergePatch(schemas, name, target, patch));
const CONTAINERS = { containers: [{ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] }, { name: 'b', image: 'b:1' }] };

test('containers merge by their names, and what is in them by its own', () => {
  assert.deepEqual(strategic('core.v1.PodSpec', CONTAINERS, { containers: [{ name: 'a', image: 'a:2', env: [{ name: 'Y', value: '2' }] }, { name: 'c', image: 'c:1' }] }), {
    containers: [{ name: 'a', image: 'a:2', env: [{ name: 'Y', value: '2' }, { name: 'X', value: '1' }] }, { name: 'c', image: 'c:1' }, { name: 'b', image: 'b:1' }],
  });
});

test('directives delete and replace', () => {
  assert.deepEqual(strategic('core.v1.PodSpec', CONTAINERS, { containers: [{ name: 'a', $patch: 'delete' }] }), { containers: [CONTAINERS.containers[1]] });
  assert.deepEqual(strategic('core.v1.PodSpec', CONTAINERS, { containers: [{ $patch: 'replace' }, { name: 'z' }] }), { containers: [{ name: 'z' }] });
  assert.deepEqual(strategic('core.v1.PodSpec', { nodeSelector: { a: 'b' }, hostname: 'h' }, { $patch: 'replace', hostname: 'i' }), { hostname: 'i' });
});

test('an order is taken up where one is named', () => {
  assert.deepEqual(strategic('core.v1.PodSpec', CONTAINERS, { '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }, { name: 'a' }], containers: [{ name: 'c' }] }),
    { containers: [{ name: 'c' }, CONTAINERS.containers[1], CONTAINERS.containers[0]] });
});

test('what is new comes first, and what stood in an order keeps it', () => {
  const names = (...list: string[]): Json => ({ containers: list.map((name) => ({ name })) });
  for (const [before, patch, after] of [['a', 'b', 'b a'], ['a b c', 'c', 'a b c'], ['a b c', 'c a', 'b c a'], ['a b', 'x b', 'x a b'], ['a b', 'b x', 'a b x'], ['', 'b a', 'b a']] as const) {
    const merged = strategic('core.v1.PodSpec', names(...before.split(' ').filter(Boolean)), names(...patch.split(' '))) as { readonly containers: readonly { readonly name: string }[] };
    assert.equal(merged.containers.map(({ name }) => name).join(' '), after, `${before} with ${patch}`);
  }
});

test('finalizers are a set, tolerations are replaced, and a source of a volume takes the place of another', () => {
  assert.deepEqual(strategic('meta.v1.ObjectMeta', { finalizers: ['a', 'b'] }, { finalizers: ['b', 'c'], '$deleteFromPrimitiveList/finalizers': ['a'] }), { finalizers: ['b', 'c'] });
  assert.deepEqual(strategic('core.v1.PodSpec', { tolerations: [{ key: 'a' }] }, { tolerations: [{ key: 'b' }] }), { tolerations: [{ key: 'b' }] });
  assert.deepEqual(strategic('core.v1.PodSpec', { volumes: [{ name: 'v', emptyDir: {} }] }, { volumes: [{ name: 'v', hostPath: { path: '/x' }, $retainKeys: ['name', 'hostPath'] }] }), { volumes: [{ name: 'v', hostPath: { path: '/x' } }] });
});

test('null deletes, labels merge, and quantities are values', () => {
  assert.deepEqual(strategic('core.v1.Pod', { metadata: { labels: { a: '1', b: '2' } }, spec: { hostname: 'h' } }, { metadata: { labels: { a: null, c: '3' } }, spec: { hostname: null } }), { metadata: { labels: { b: '2', c: '3' } }, spec: {} });
  assert.deepEqual(strategic('core.v1.ResourceRequirements', { limits: { cpu: '1', memory: '1Gi' } }, { limits: { cpu: '2' } }), { limits: { cpu: '2', memory: '1Gi' } });
});

test('an item without its key is refused', () => {
  assert.throws(() => strategic('core.v1.PodSpec', CONTAINERS, { containers: [{ image: 'x' }] }), /does not contain declared merge key: name/);
});

test('S-908: lists of tens of thousands merge in one pass', () => {
  const names = Array.from({ length: 50_000 }, (_, at) => `f${at}`);
  const merged = (target: JsonObject, patch: JsonObject): JsonObject => strategic('core.v1.Pod', target, patch) as JsonObject;
  const both = (merged({ metadata: { finalizers: names } }, { metadata: { finalizers: names.map((name) => `x${name}`), '$deleteFromPrimitiveList/finalizers': names.slice(1) } })['metadata'] as JsonObject)['finalizers'] as readonly string[];
  assert.deepEqual([both.length, both.includes('f0'), both.includes('f1')], [50_001, true, false]);
  const containers = names.map((name) => ({ name, image: 'a' }));
  const spec = merged({ spec: { containers } }, { spec: { containers: containers.map(({ name }, at) => (at === 0 ? { name, $patch: 'delete' } : { name, image: 'b' })) } })['spec'] as JsonObject;
  assert.deepEqual([(spec['containers'] as readonly JsonObject[]).length, (spec['containers'] as readonly JsonObject[])[0]], [49_999, { name: 'f1', image: 'b' }]);
});
