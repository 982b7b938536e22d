import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { findAll } from './pattern-search.ts';
import { patternOf } from './value-validation.ts';

const found = (pattern: string, text: string, most = Number.POSITIVE_INFINITY): readonly string[] => findAll(patternOf(pattern), text, most);

test('matches are the leftmost, and of those the preferred ones', () => {
  assert.deepEqual(found('[0-9]+', 'a1 b22 c333'), ['1', '22', '333']);
  assert.deepEqual(found('a|ab', 'abab'), ['a', 'a']);
  assert.deepEqual(found('ab|a', 'abab'), ['ab', 'ab']);
  assert.deepEqual(found('a+?', 'aaa', 2), ['a', 'a']);
  assert.deepEqual(found('(?i)b.', 'aBcbd'), ['Bc', 'bd']);
  assert.deepEqual(found('a*', 'baac'), ['', 'aa', '']);
  assert.deepEqual(found('', 'ab'), ['', '', '']);
  assert.deepEqual(found('(?m)^.', 'ab\ncd'), ['a', 'c']);
  assert.deepEqual(found('\\bx\\w*', 'ax xy x'), ['xy', 'x']);
  assert.deepEqual(found('😀.', 'a😀b'), ['😀b']);
  assert.deepEqual(found('z', 'abc'), []);
});

test('it finds what JavaScript finds, where both mean the same', () => {
  const part = fc.constantFrom('a', 'b', '.', 'ab', '(a|b)', '[ab]', 'a*', 'b+', '(ab)?', '(a|ab)', 'a*?', '\\b', 'c');
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.stringMatching(/^[abc ]{0,12}$/), (parts, text) => {
    const pattern = parts.join('');
    assert.deepEqual(found(pattern, text)[0], new RegExp(pattern).exec(text)?.[0], `${pattern} in ${JSON.stringify(text)}`);
  }), { numRuns: 1000 });
});

test('a search that would take for ever ends', () => {
  assert.throws(() => found('(x+x+)+y|a.*b|a', 'a'.repeat(100_000)), /takes too long/);
  assert.equal(found('(a+)+$', `${'a'.repeat(10_000)}b`).length, 0);
});
