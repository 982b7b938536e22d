import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blank, lineAt } from './code-view.ts';

const cases: readonly (readonly [name: string, source: string, view: string])[] = [
  ['line comment', 'a // b\nc', 'a     \nc'],
  ['block comment', 'a /* b\nc */ d', 'a     \n     d'],
  ['unclosed block comment', 'a /* b', 'a     '],
  ['strings', `x("a'b", 'c"d')`, 'x(     ,      )'],
  ['escaped quote', String.raw`x('a\'b') + y`, 'x(      ) + y'],
  ['template', 'x(`let a`) + y', 'x(       ) + y'],
  ['code in a template', '`a${f({ b })}c` + d', '    f({ b })    + d'],
  ['nested templates', '`${`${a}`}` + b', '      a     + b'],
  ['regular expression', 'x = /["\']/g; y', 'x =       g; y'],
  ['slash in a class', 'x = /[/"]/; y', 'x =       ; y'],
  ['division', 'a / b / "c"', 'a / b /    '],
  ['division after a call', 'f(a) / 2 // "', 'f(a) / 2     '],
  ['interpreter line', '#!/usr/bin/env node\na', '                   \na'],
];

for (const [name, source, view] of cases) {
  test(`blanks: ${name}`, () => assert.equal(blank(source), view));
}

test('a view is as long as its source, line by line', () => {
  const source = 'const a = `x\n${b}\ny`; // c\n/* d\n */ e';
  assert.deepEqual(blank(source).split('\n').map((line) => line.length), source.split('\n').map((line) => line.length));
});

test('lines count from 1', () => {
  assert.deepEqual([0, 1, 2, 3].map((index) => lineAt('a\nb\nc', index)), [1, 1, 2, 2]);
});
