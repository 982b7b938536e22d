import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError, isKind } from '#base/error.ts';
import type { Image } from '#container/model/image.ts';
import { selectSaved } from './save-selection.ts';

const ids = { a: 'a'.repeat(64), b: 'b'.repeat(64) };
const imageOf = (hex: string, ...tags: string[]): Image => ({ id: `sha256:${hex}`, tags } as unknown as Image);
const images = [imageOf(ids.a, 'docker.io/library/two:1', 'docker.io/library/two:2', 'r.example:5000/x:latest'), imageOf(ids.b, 'docker.io/library/two:3')];
const table = {
  list: () => images,
  find: (text: string): Image => {
    const found = images.find(({ id, tags }) => id === text || id.slice(7).startsWith(text) || tags.some((tag) => tag === text || tag === `docker.io/library/${text}` || tag === `${text}:latest`));
    if (found === undefined) throw new GantryError('not-found', `No such image: ${text}`);
    return found;
  },
};
const saved = (...references: string[]): unknown => selectSaved(references, table).map(({ image, tags }) => [image.id.slice(7, 8), ...tags.map((tag) => tag.replace('docker.io/library/', ''))]);

test('a name with a tag, all tags of a repository, and ids without a name', () => {
  assert.deepEqual(saved('two:1'), [['a', 'two:1']]);
  assert.deepEqual(saved('two'), [['a', 'two:1', 'two:2'], ['b', 'two:3']]);
  assert.deepEqual(saved('r.example:5000/x'), [['a', 'r.example:5000/x:latest']]);
  for (const id of [`sha256:${ids.a}`, ids.a, ids.a.slice(0, 12)]) assert.deepEqual(saved(id), [['a']]);
});

test('an image comes once, with the names that were asked for, in their order', () => {
  assert.deepEqual(saved('two:2', 'two:3', 'two:1', 'two:2', ids.a), [['a', 'two:2', 'two:1'], ['b', 'two:3']]);
});

test('what is not there is refused', () => {
  assert.throws(() => saved('two:1', 'two:9'), (error) => isKind(error, 'not-found'));
});
