import assert from 'node:assert/strict';
import { test } from 'node:test';
import { substitute } from './template.ts';
import { variablesIn } from './variables.ts';

const values = new Map([['A', 'a'], ['EMPTY', ''], ['B', 'b']]);
const unset: string[] = [];
const of = (template: string): string => substitute(template, { lookup: (name) => values.get(name), onUnset: (name) => unset.push(name) });

const cases: readonly (readonly [template: string, text: string])[] = [
  ['$A', 'a'], ['${A}', 'a'], ['$A$B', 'ab'], ['$A-$B', 'a-b'], ['$$A', '$A'], ['$$$A', '$a'], ['$1', '$1'], ['a$', 'a$'],
  ['${NO:-x}', 'x'], ['${EMPTY:-x}', 'x'], ['${EMPTY-x}', ''], ['${NO-x}', 'x'], ['${A:-x}', 'a'],
  ['${A:+x}', 'x'], ['${EMPTY:+x}', ''], ['${EMPTY+x}', 'x'], ['${NO+x}', ''],
  ['${A:?x}', 'a'], ['${EMPTY?x}', ''],
  ['${NO:-${B}}', 'b'], ['${NO:-${NO2:-${A}}} and ${B}', 'a and b'], ['${NO:-{}}', '{}'], ['${NO:-a:-b}', 'a:-b'], ['x${NO:-}y', 'xy'],
];

for (const [template, text] of cases) test(`${template} is ${JSON.stringify(text)}`, () => assert.equal(of(template), text));

test('a required variable says why', () => {
  assert.throws(() => of('${NO?for the $A}'), /required variable NO is missing a value: for the a/);
  assert.throws(() => of('${EMPTY:?}'), /required variable EMPTY is missing a value$/);
});

test('what is no template is refused', () => {
  for (const bad of ['${', '${}', '${1}', '${A', '${A!b}']) assert.throws(() => of(bad), /invalid template/, bad);
});

test('only variables without a default are told as not set', () => {
  unset.length = 0;
  of('$NOPE ${NOPE2:-x} ${NOPE3}');
  assert.deepEqual(unset, ['NOPE', 'NOPE3']);
});

test('variables are listed with what they say for the case that they are not set', () => {
  assert.deepEqual([...variablesIn(['${A:-a${B}}', '${C?x} $D $$E', '${F+alt}'])].map(([name, { required, fallback, alternate }]) => [name, required, fallback, alternate]), [
    ['A', false, 'a${B}', ''], ['B', false, '', ''], ['C', true, '', ''], ['D', false, '', ''], ['F', false, '', 'alt'],
  ]);
});
