import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PathTable } from './match.ts';

test('a path finds the pattern of its length whose parts it has, the first of several', () => {
  const table = new PathTable({ 'a': 1, 'a.*': 2, 'a.b': 3, 'a.*.c': 4, '*.*.*.*': 5 });
  assert.deepEqual([['a'], ['a', 'x'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'd'], ['x', 'b', 'c'], ['1', '2', '3', '4'], []].map((path) => table.find(path)), [1, 2, 2, 4, undefined, undefined, 5, undefined]);
});
