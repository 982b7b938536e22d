import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allNames, namesWithout } from './image-names.ts';

const digest = (of: string): string => `${of}@sha256:${'1'.repeat(64)}`;
const [a, b] = ['r.example/a', 'docker.io/library/b'];
const names = { tags: [`${b}:1`, `${a}:1`, `${a}:2`], digests: [digest(b), digest(a)] };

test('the digests of a repository go with its last tag', () => {
  assert.deepEqual(namesWithout(names, [`${a}:1`]), { tags: [`${b}:1`, `${a}:2`], digests: names.digests });
  assert.deepEqual(namesWithout(names, [`${a}:1`, `${a}:2`]), { tags: [`${b}:1`], digests: [digest(b)] });
  assert.deepEqual(namesWithout(names, names.tags), { tags: [], digests: [] });
});

test('a digest goes by itself, and stays where its repository never had a tag here', () => {
  assert.deepEqual(namesWithout(names, [digest(a)]), { ...names, digests: [digest(b)] });
  assert.deepEqual(namesWithout({ tags: [`${a}:1`], digests: [digest(b)] }, [`${a}:1`]), { tags: [], digests: [digest(b)] });
  assert.deepEqual(allNames(names), [...names.tags, ...names.digests]);
});
