import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArgs } from '#cli/grammar/parse.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { isKind } from '#base/error.ts';
import { imageFlags, imageOptions, parseAddress, readImageOptions } from './image-options.ts';

function parsed(...argv: readonly string[]): ParsedArgs {
  const result = parseArgs(argv, imageFlags);
  assert.ok(result.kind === 'args', JSON.stringify(result));
  return result.args;
}

const invalid = (error: unknown): boolean => isKind(error, 'invalid');

test('without a word images go when the disk is full, and nothing is shared, blocked or wanted signed', () => {
  const { collect, share, trust, registries, certificates } = readImageOptions(parsed());
  assert.deepEqual([collect, share, trust, certificates], [{ high: 85, low: 80, graceMs: 600_000 }, undefined, [], '/etc/docker/certs.d']);
  assert.deepEqual([registries.blocked, registries.mirrors, registries.insecure], [[], [], []]);
  assert.deepEqual(imageOptions([], []).collect, collect, 'dockerd has the same watermarks');
});

test('watermarks', () => {
  assert.equal(readImageOptions(parsed('--image-gc', 'off')).collect, undefined);
  assert.deepEqual(readImageOptions(parsed('--image-gc', '70:50', '--image-gc-grace', '0')).collect, { high: 70, low: 50, graceMs: 0 });
  for (const text of ['80:85', '85', '85:85', '-1:0', '100:80', 'x:y']) assert.throws(() => readImageOptions(parsed(`--image-gc=${text}`)), invalid, text);
  assert.throws(() => readImageOptions(parsed('--image-gc-grace', 'soon')), invalid);
});

test('addresses', () => {
  assert.deepEqual(['127.0.0.1:5000', '[::1]:80', ':5000'].map(parseAddress), [{ host: '127.0.0.1', port: 5000 }, { host: '::1', port: 80 }, { host: '0.0.0.0', port: 5000 }]);
  for (const text of ['', '5000', 'a:b', 'a:99999', '::1:80']) assert.throws(() => parseAddress(text), invalid, text);
});
