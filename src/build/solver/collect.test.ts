import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matcherOf, planCollection, type CollectPolicy, type KeptThing } from './collect.ts';

const thing = (id: string, usedNs: bigint, more: Partial<KeptThing> = {}): KeptThing => ({
  id, kind: 'regular', description: `step ${id}`, size: 10, createdNs: 0n, usedNs, uses: 1, isInUse: false, isShared: false, parents: [], ...more,
});
const policy = (more: Partial<CollectPolicy> = {}): CollectPolicy => ({ all: true, keepNs: 0n, keepBytes: undefined, matches: () => true, ...more });
const ids = (things: readonly KeptThing[]): string[] => things.map(({ id }) => id);

test('the least recently used goes first, and only as much as has to', () => {
  const things = [thing('new', 30n), thing('old', 10n), thing('middle', 20n)];
  assert.deepEqual(ids(planCollection(things, policy(), 100n)), ['old', 'middle', 'new']);
  assert.deepEqual(ids(planCollection(things, policy({ keepBytes: 20 }), 100n)), ['old']);
  assert.deepEqual(ids(planCollection(things, policy({ keepBytes: 30 }), 100n)), []);
});

test('never what is in use, what is young, or without all what images have', () => {
  const things = [thing('busy', 1n, { isInUse: true }), thing('young', 95n), thing('shared', 1n, { isShared: true }), thing('free', 1n)];
  assert.deepEqual(ids(planCollection(things, policy({ keepNs: 10n, all: false }), 100n)), ['free']);
  assert.deepEqual(ids(planCollection(things, policy({ keepNs: 10n }), 100n)), ['shared', 'free']);
});

test('of equal age, what stands on another goes before it', () => {
  assert.deepEqual(ids(planCollection([thing('base', 1n), thing('top', 1n, { parents: ['base'] })], policy(), 100n)), ['top', 'base']);
});

test('filters of the command line', () => {
  const cache = thing('c', 1n, { kind: 'exec.cachemount', description: 'cached mount /root/.npm' });
  assert.ok(matcherOf(['type==exec.cachemount'])(cache));
  assert.ok(matcherOf(['type=exec.cachemount', 'description~=npm'])(cache));
  assert.ok(!matcherOf(['type==regular'])(cache));
  assert.ok(matcherOf(['mutable'])(cache));
  assert.ok(!matcherOf(['shared=true'])(cache));
});
