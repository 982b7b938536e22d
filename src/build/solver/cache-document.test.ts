import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CACHE_FIELD, cacheDocument, parseCacheDocument, renderCacheDocument, withMounts, type SharedStep } from './cache-document.ts';
import type { LayerRef } from './operation.ts';

const layer = (name: string, createdNs?: string): LayerRef => ({ diffId: `sha256:${name.repeat(64)}`, chain: `chain-${name}`, size: 1, tarSize: 2, ...(createdNs === undefined ? {} : { createdNs }) });
const [base, a, b, held] = [layer('0'), layer('a', '5'), layer('b', '6'), layer('c', '7')];
const step = (key: string, layers: readonly LayerRef[]): SharedStep => ({ definition: key.repeat(64), key: key.repeat(64), description: `step ${key}`, layers });
const steps = [step('1', [base, a]), step('2', [base, a, b]), step('3', [base, b])];
const mount = { name: 'd'.repeat(40), id: '../any id', mode: 0o750, uid: 1, gid: 2 };
const configOf = (value: unknown): string => JSON.stringify({ [CACHE_FIELD]: value });

test('a document is read as it was written: each layer once, by its place, with its time', () => {
  const document = withMounts(cacheDocument(steps), [{ ...mount, layer: held }]);
  assert.deepEqual(document.layers.map(({ chain }) => chain), [base, a, b, held].map(({ chain }) => chain));
  const read = parseCacheDocument(configOf(renderCacheDocument(document)), 4);
  assert.deepEqual(read?.steps.map(({ layers }) => layers), [[0, 1], [0, 1, 2], [0, 2]]);
  assert.deepEqual(read?.layers, [{}, { createdNs: '5' }, { createdNs: '6' }, { createdNs: '7' }]);
  assert.deepEqual(read?.mounts, [{ ...mount, layer: 3 }]);
});

test('an image has the steps whose layers are its own, from the lowest on', () => {
  assert.deepEqual(cacheDocument(steps, [[base, a, b]]).steps.map(({ description }) => description), ['step 1', 'step 2']);
  assert.deepEqual(cacheDocument(steps, []).steps, []);
});

test('images of several platforms share a document', () => {
  const { steps: written, layers } = cacheDocument(steps, [[base, a], [base, b]]);
  assert.deepEqual(written.map(({ description, layers: places }) => [description, places]), [['step 1', [0, 1]], ['step 3', [0, 2]]]);
  assert.deepEqual(layers, [base, a, b]);
});

test('a document that is none is refused, and an image without one has none', () => {
  const good = renderCacheDocument(withMounts(cacheDocument(steps), [{ ...mount, layer: held }]));
  assert.equal(parseCacheDocument('{}', 0), undefined);
  assert.throws(() => parseCacheDocument(configOf(good), 2), /malformed/, 'a place beyond the layers');
  const bad = [
    3, null, {}, { layers: [], steps: 'x' }, { ...good, steps: [{ ...(good['steps'] as object[])[0], key: '../x' }] },
    ...[{ name: '../../etc' }, { mode: -1 }, { uid: 2 ** 40 }, { layer: 9 }, { id: 7 }].map((more) => ({ ...good, mounts: [{ ...mount, layer: 3, ...more }] })),
  ];
  for (const value of bad) assert.throws(() => parseCacheDocument(configOf(value), 4), /malformed/, JSON.stringify(value));
  assert.throws(() => parseCacheDocument('no json', 4), /malformed/);
});
