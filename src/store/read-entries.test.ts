import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadEntries } from './_read-entries.ts';
import type { Entry } from './store.ts';

const entry = (key: string, length = 1, revision = 1): Entry => ({ key, value: 'x'.repeat(length), revision, created: 1 });

test('what was read is kept as it is now, and what is gone is not', () => {
  const entries = new ReadEntries();
  entries.keep(entry('a'));
  assert.equal(entries.get('a')?.revision, 1);
  entries.changed('a', entry('a', 1, 2));
  entries.changed('b', entry('b', 1, 2));
  assert.equal(entries.get('a')?.revision, 2);
  assert.equal(entries.get('b'), undefined, 'nobody has read it');
  entries.changed('a', undefined);
  assert.equal(entries.get('a'), undefined);
  entries.keep(entry('a'));
  entries.changed('a', entry('a', 1_000_000));
  assert.equal(entries.get('a'), undefined, 'what has become large');
});

test('only so much is kept, and of that what was asked for last', () => {
  const entries = new ReadEntries();
  for (let made = 0; made < 100; made++) {
    entries.keep(entry(`k${made}`, 10_000));
    entries.get('k0');
  }
  const kept = Array.from({ length: 100 }, (_, made) => made).filter((made) => entries.get(`k${made}`) !== undefined);
  assert.equal(kept.length, 52);
  assert.deepEqual([kept[0], kept[1], kept.at(-1)], [0, 49, 99]);
});
