import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAnnotated, readAnnotations } from './image-annotations.ts';

const read = (attributes: Record<string, string>): ReturnType<typeof readAnnotations> => readAnnotations(new Map(Object.entries(attributes)), 'linux/arm64');

test('annotations go where they say, those of a platform over those of all', () => {
  const annotations = read({
    name: 'app', 'annotation.b': 'all', 'annotation-manifest.a': '1', 'annotation[linux/arm64].b': 'own', 'annotation[linux/amd64].b': 'other', 'annotation-manifest-descriptor.org.example.k': 'line',
    'annotation-index.i': 'index', 'annotation-index-descriptor.i': 'place', 'annotation.__proto__': 'key',
  });
  assert.deepEqual({ ...annotations.manifest }, Object.fromEntries([['__proto__', 'key'], ['a', '1'], ['b', 'own']]));
  assert.deepEqual([annotations.manifestDescriptor, annotations.index, annotations.indexDescriptor], [{ 'org.example.k': 'line' }, { i: 'index' }, { i: 'place' }]);
  assert.ok(isAnnotated(annotations));
  assert.ok(!isAnnotated(read({ name: 'app' })));
});

test('annotations of no known place, and of an index for one platform, are refused', () => {
  assert.throws(() => read({ 'annotation-layer.k': 'v' }), /"annotation-layer\.k" is for "layer": known are manifest/);
  assert.throws(() => read({ 'annotation-constructor.k': 'v' }), /is for "constructor"/);
  assert.throws(() => read({ 'annotation-index[linux/arm64].k': 'v' }), /of no one platform/);
});
