import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GantryError } from '#base/error.ts';
import { messageNameOf } from './api-groups.ts';
import { decodeMessage } from './proto-decode.ts';
import { encodeMessage } from './proto-encode.ts';
import { openEnvelope } from './proto-envelope.ts';
import { schemaPackages } from './schema-packages.ts';
import { SchemaSet } from './schema-set.ts';
import { durationText } from './special-decode.ts';
import { durationOf } from './special-encode.ts';
import { unknownFields } from './unknown-fields.ts';

const schemas = new SchemaSet(schemaPackages);
const POD = { metadata: { name: 'web', labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'b', ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 'http' }, periodSeconds: 5 } }], terminationGracePeriodSeconds: 0 } };

test('what means nothing is left out, and what is there by pointer stays', () => {
  const decoded = decodeMessage(schemas, 'core.v1.Pod', encodeMessage(schemas, 'core.v1.Pod', {
    metadata: { name: 'a', namespace: '' }, spec: { terminationGracePeriodSeconds: 0, hostname: '', priority: 0, containers: [], volumes: [{ name: 'v', emptyDir: {} }] }, status: {},
  }));
  assert.deepEqual(JSON.parse(JSON.stringify(decoded)), { metadata: { name: 'a' }, spec: { terminationGracePeriodSeconds: 0, priority: 0, volumes: [{ name: 'v', emptyDir: {} }] } });
});

test('a value of the wrong type is refused by its path', () => {
  assert.throws(() => encodeMessage(schemas, 'core.v1.Pod', { spec: { containers: [{ ports: [{ containerPort: 'eighty' }] }] } }), /spec\.containers\[0\]\.ports\[0\]\.containerPort is not a whole number/);
  assert.throws(() => encodeMessage(schemas, 'core.v1.Secret', { data: { a: '?' } }), /data\.a is not base64 text/);
});

test('fields that a type does not have are named', () => {
  assert.deepEqual(unknownFields(schemas, 'core.v1.Pod', { kind: 'Pod', ...POD, spec: { ...POD.spec, containers: [{ ...POD.spec.containers[0]!, imagee: 'x' }], nodeNam: 1 } }), ['spec.containers[0].imagee', 'spec.nodeNam']);
  assert.deepEqual(unknownFields(schemas, 'core.v1.Pod', JSON.parse('{"spec":{"__proto__":{"a":1}}}')), ['spec.__proto__']);
});

test('hostile bytes are refused, or read, and nothing else', () => {
  const whole = encodeMessage(schemas, 'core.v1.Pod', POD);
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }), fc.nat(whole.length), (changes, length) => {
    const bytes = whole.slice(0, length);
    for (const [at, value] of changes) if (at < length) bytes[at] = value;
    try {
      decodeMessage(schemas, 'core.v1.Pod', bytes);
    } catch (thrown) {
      assert.ok(thrown instanceof GantryError && thrown.kind === 'invalid', String(thrown));
    }
  }));
});

test('a body that nests without end is refused', () => {
  let bytes: Uint8Array = new Uint8Array();
  // JSONSchemaProps.not (field 28) holds another.
  for (let depth = 0; depth < 400; depth += 1) {
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
    bytes = Uint8Array.of(0xe2, 0x01, ...length, ...bytes);
  }
  assert.throws(() => decodeMessage(schemas, 'apiextensions.v1.JSONSchemaProps', bytes), /nests more than 128 levels deep/);
});

test('an envelope needs its magic number', () => {
  assert.throws(() => openEnvelope(schemas, new TextEncoder().encode('{"kind":"Pod"}')), /does not begin as/);
});

for (const [text, nanos] of [['0s', 0], ['1h0m0s', 3600e9], ['1.5s', 1.5e9], ['10ms', 10e6], ['1m0.001s', 60.001e9], ['-2m0s', -120e9], ['3ns', 3]] as const) {
  test(`the duration ${text}`, () => {
    assert.equal(durationText(BigInt(nanos)), text);
    assert.equal(durationOf(text, 'x'), nanos);
  });
}

for (const [apiVersion, kind, name] of [['v1', 'Pod', 'core.v1.Pod'], ['rbac.authorization.k8s.io/v1', 'Role', 'rbac.v1.Role'], ['apps/v1', 'Deployment', 'apps.v1.Deployment'], ['batch/v1', 'DeleteOptions', 'meta.v1.DeleteOptions'], ['example.com/v1', 'Thing', undefined]] as const) {
  test(`the message of ${apiVersion} ${kind}`, () => assert.equal(messageNameOf(apiVersion, kind), name));
}
