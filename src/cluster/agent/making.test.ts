import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { Making } from './making.ts';

const settle = async (): Promise<void> => { for (let turn = 0; turn < 50; turn += 1) await Promise.resolve(); };

/** Twenty that are asked for at once, each of which is made when it is told to be. */
function ask(making: Making): { readonly begun: number[]; readonly finish: (which: number) => void; readonly all: readonly Promise<number>[] } {
  const begun: number[] = [];
  const gates = Array.from({ length: 20 }, () => Promise.withResolvers<number>());
  const all = gates.map(({ promise }, which) => making.run(() => {
    begun.push(which);
    return promise;
  }));
  return { begun, all, finish: (which) => gates[which]?.resolve(which) };
}

test('eight are made at once, and each that is done lets the next one begin, in their order', async () => {
  const { begun, finish, all } = ask(new Making());
  await settle();
  assert.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6, 7]);
  finish(3);
  await settle();
  assert.deepEqual(begun.slice(8), [8]);
  for (let which = 0; which < 20; which += 1) finish(which);
  assert.deepEqual(await Promise.all(all), Array.from({ length: 20 }, (_, which) => which));
  assert.deepEqual(begun, Array.from({ length: 20 }, (_, which) => which));
});

test('one that fails gives its place on', async () => {
  const making = new Making();
  const failing = Array.from({ length: 20 }, () => making.run(() => Promise.reject(new TypeError('no'))));
  for (const { status } of await Promise.allSettled(failing)) assert.equal(status, 'rejected');
  assert.equal(await making.run(() => Promise.resolve('made')), 'made');
});

test('it has ended when what was begun is there, and what waited is never begun', async () => {
  const making = new Making();
  const { begun, finish, all } = ask(making);
  const outcomes = Promise.allSettled(all);
  await settle();
  let hasEnded = false;
  const ending = making.end().then(() => (hasEnded = true));
  await settle();
  assert.equal(hasEnded, false);
  for (let which = 0; which < 8; which += 1) finish(which);
  await ending;
  const refused = (await outcomes).filter((outcome) => outcome.status === 'rejected');
  assert.equal(refused.length, 12);
  for (const { reason } of refused) assert.ok(isKind(reason, 'interrupted'));
  assert.equal(begun.length, 8);
});
