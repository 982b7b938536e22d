import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { jsonOf, withObjectLiterals } from './expression-objects.ts';
import { compilePolicyExpression, ExpressionFault } from './expressions.ts';

function made(text: string, object: object = {}): unknown {
  const expression = compilePolicyExpression(text, undefined, true);
  assert.ok(!(expression instanceof ExpressionFault), expression instanceof ExpressionFault ? expression.message : '');
  const value = jsonOf(expression.run({ object, oldObject: null, request: null, params: null, namespaceObject: null, variables: {}, authorizer: null }));
  return JSON.parse(JSON.stringify(value)) as unknown;
}

test('objects are made field by field, with lists, maps, conditions and what may be absent', () => {
  assert.deepEqual(made('Object{spec: Object.spec{replicas: 3, paused: object.n > 1 ? true : false}}', { n: 2n }), { spec: { replicas: 3, paused: true } });
  assert.deepEqual(made('Object{metadata: Object.metadata{labels: {"a": "b", "c": string(object.n)}}}', { n: 2n }), { metadata: { labels: { a: 'b', c: '2' } } });
  assert.deepEqual(made('Object{\n  spec: Object.spec {  // the pods\n    initContainers: [ Object.spec.initContainers{ name: "x{y: 1}", args: ["a", \'b, c: d\'] } ]\n  }\n}'), { spec: { initContainers: [{ name: 'x{y: 1}', args: ['a', 'b, c: d'] }] } });
  assert.deepEqual(made('Object{spec: Object.spec{?a: object.?here, ?b: object.?there, c: 1}}', { here: 'x' }), { spec: { a: 'x', c: 1 } });
  assert.deepEqual(made('Object{spec: Object.spec{volumes: object.names.map(n, Object.spec.volumes{name: n, emptyDir: Object.spec.volumes.emptyDir{}})}}', { names: ['p', 'q'] }), { spec: { volumes: [{ name: 'p', emptyDir: {} }, { name: 'q', emptyDir: {} }] } });
  assert.deepEqual(made('object.n == 1 ? Object{spec: Object.spec{a: 1}} : Object{}', { n: 2n }), {});
  assert.deepEqual(made('Object{__namespace__: 1u, a__dash__b: 1.5, `c.d/e`: null}'), { namespace: 1, 'a-b': 1.5, 'c.d/e': null });
});

test('patches are lists of operations', () => {
  assert.deepEqual(made('[JSONPatch{op: "test", path: "/spec/replicas", value: 1}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b~c"), value: "x"}] + (object.n > 1 ? [JSONPatch{op: "move", from: "/a", path: "/b"}] : [])', { n: 2n }), [
    { op: 'test', path: '/spec/replicas', value: 1 }, { op: 'add', path: '/metadata/labels/a~1b~0c', value: 'x' }, { op: 'move', from: '/a', path: '/b' },
  ]);
  assert.deepEqual(made('[JSONPatch{op: "add", path: "/spec/x", value: Object.spec.x{a: {"b": 1}}}]'), [{ op: 'add', path: '/spec/x', value: { a: { b: 1 } } }]);
});

test('what only looks like a literal of a type is left as it is', () => {
  for (const text of ['"Object{a: 1}"', "'''JSONPatch{'''", 'x.Object', '{"Object": 1}', 'r"\\Object{a: "', '// Object{a: 1}\n1', 'MyObject == 1 || {"a": 1} == {"a": 1}']) assert.equal(withObjectLiterals(text), text);
});

test('any text is gone through once, and to its end', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('Object', '.spec', '{', '}', 'JSONPatch', '"', "'", '?', ',', ':', 'a', ' ', '(', ')', '[', ']', '`', '//', '\n', '"""', 'r', '\\', '\u00e9'), { maxLength: 60 }), (parts) => {
    assert.equal(typeof withObjectLiterals(parts.join('')), 'string');
  }));
});

test('what has no JSON is told of', () => {
  for (const text of ['duration("1s")', '1.0 / 0.0', 'quantity("1")']) assert.throws(() => made(text), /JSON|text/, text);
});
