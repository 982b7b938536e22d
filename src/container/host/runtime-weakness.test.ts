import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weaknessOf } from './runtime-weakness.ts';

test('old versions of runc are warned of, and nothing else', () => {
  for (const version of ['1.1.5', '1.2.9', '1.3.5', '1.4.2', '1.0.0', 'unknown']) assert.match(weaknessOf({ name: 'runc', version }) ?? '', /CVE-2025-31133/, version);
  for (const version of ['1.3.6', '1.4.3', '1.4.10', '1.5.0', '2.0.0']) assert.equal(weaknessOf({ name: 'runc', version }), undefined, version);
  assert.equal(weaknessOf({ name: 'crun', version: '1.8.1' }), undefined);
});
