import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { duplicateFields } from './duplicate-fields.ts';

const paths = (text: string): readonly string[] => duplicateFields(text).map(({ path }) => path);

test('fields that stand twice are named by their paths', () => {
  assert.deepEqual(paths('{"a":1,"b":{"a":2},"a":3}'), ['a']);
  assert.deepEqual(paths('{"spec":{"containers":[{"name":"x"},{"name":"y","image":"{\\"name\\":1}","name":"z"}]}}'), ['spec.containers[1].name']);
  assert.deepEqual(paths('{"a":[[1,{"x":1,"x":2}],{"b":"a","c":["b","b"]}]}'), ['a[0][1].x']);
  assert.deepEqual(paths('{"\\u0061":1,"a":2,"a\\"":1}'), ['a']);
  assert.deepEqual(paths('{"__proto__":1,"__proto__":2}'), ['__proto__']);
});

test('never finds any in what a serialiser wrote', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.deepEqual(duplicateFields(JSON.stringify(value)), [])));
});
