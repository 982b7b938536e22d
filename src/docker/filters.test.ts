import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Filters } from './filters.ts';
import { patternMatches } from './filter-pattern.ts';

describe('filters', () => {
  for (const text of ['{"label":["a=b","c"]}', '{"label":{"a=b":true,"c":true}}']) {
    test(`are read from ${text}`, () => {
      const filters = Filters.parse(text);
      assert.deepEqual(filters.values('label'), ['a=b', 'c']);
      assert.ok(filters.matchesLabels('label', { a: 'b', c: '' }));
      assert.ok(!filters.matchesLabels('label', { a: 'b' }));
      assert.ok(!filters.matchesLabels('label', { a: 'x', c: '' }));
    });
  }

  test('none', () => {
    for (const text of [null, '', '{}', 'null']) assert.ok(Filters.parse(text).isEmpty);
    assert.ok(Filters.parse('').matchesExactly('name', 'any'));
    assert.ok(Filters.parse('').matchesLabels('label', {}));
  });

  test('what is no filter is refused', () => {
    for (const text of ['x', '[]', '3', '{"a":3}', '{"a":[3]}']) assert.throws(() => Filters.parse(text), { kind: 'invalid', message: 'invalid filter' });
    assert.throws(() => Filters.parse('{"foo":["x"]}').accept('bar'), { message: "invalid filter 'foo'" });
    assert.throws(() => Filters.parse('{"is-task":["x"]}').flag('is-task', false), { message: "invalid filter 'is-task=[x]'" });
  });

  test('keys of the language are keys', () => {
    const filters = Filters.parse('{"__proto__":["x"]}');
    assert.throws(() => filters.accept('name'), { message: "invalid filter '__proto__'" });
    assert.ok(!Filters.parse('{"label":["constructor"]}').matchesLabels('label', {}));
  });

  test('labels of a prune', () => {
    assert.ok(!Filters.parse('{"label!":["keep"]}').matchesPruneLabels({ keep: '' }));
    assert.ok(Filters.parse('{"label!":["keep"]}').matchesPruneLabels({}));
  });

  for (const [pattern, source, expected] of [
    ['web', '/my-web-1', true], ['^web$', 'web', true], ['^web$', 'web1', false], ['^/web', '/web1', true], ['web$', 'my-web', true], ['w.b', 'web', true], ['^(a|b)-1$', 'b-1', true], ['[', '[', false],
  ] as const) {
    test(`the pattern ${pattern} is ${expected ? '' : 'not '}found in ${source}`, () => assert.equal(patternMatches(pattern, source), expected));
  }

  for (const pattern of ['(a+)+$', '(a|a)*b', 'a*a*a*a*b', '(?=a)b']) {
    test(`a pattern that could hold up the daemon is refused: ${pattern}`, () => {
      assert.throws(() => patternMatches(pattern, 'a'.repeat(64)), { kind: 'invalid' });
    });
  }
});
