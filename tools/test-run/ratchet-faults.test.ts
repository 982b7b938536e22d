import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratchetFaults } from './ratchet-faults.ts';

const cases: readonly (readonly [name: string, before: string, after: string | undefined, says: readonly RegExp[]])[] = [
  ['the same list', 'a\nb\n', 'a\nb\n', []],
  ['a list that grew', 'a\nc\n', '# what passes\na\nb\nc\n', []],
  ['a new list', '', 'a\n', []],
  ['a name taken out', 'a\nb\n', 'a\n', [/"b" was taken out/]],
  ['a list deleted', 'a\n', undefined, [/was deleted/]],
  ['a list out of order', '', 'b\na\n', [/"a" is out of order/]],
  ['a name there twice', '', 'a\na\n', [/"a" is out of order or there twice/]],
];

for (const [name, before, after, says] of cases) {
  test(name, () => {
    const faults = ratchetFaults(before, after);
    assert.equal(faults.length, says.length, faults.join('\n'));
    says.forEach((pattern, at) => assert.match(faults[at] as string, pattern));
  });
}
