import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDotenv } from './dotenv.ts';

const read = (text: string): Record<string, string> => {
  const values = new Map<string, string>();
  parseDotenv(text, values, { name: '.env', lookup: (name) => (name === 'OUTER' ? 'outer' : undefined) });
  return Object.fromEntries(values);
};

const cases: readonly (readonly [text: string, values: Record<string, string>])[] = [
  ['A=1\nB = 2 \nC: 3\n', { A: '1', B: '2', C: '3' }],
  ['# c\n\nA=1 # c\nB=1#2\n', { A: '1', B: '1#2' }],
  ['export A=1\nexport OUTER\nNOPE\n', { A: '1', OUTER: 'outer' }],
  ['A="x\\ny" \nB=\'x\\ny $OUTER\'\nC="a\\"b"\n', { A: 'x\ny', B: 'x\\ny $OUTER', C: 'a"b' }],
  ['A="two\nlines"\nB=2', { A: 'two\nlines', B: '2' }],
  ['A=$OUTER\nB=${A}-${C:-c}\nD="\\$A $$A"\n', { A: 'outer', B: 'outer-c', D: '$A $A' }],
  ['\ufeffA=1\r\nB=\r\n', { A: '1', B: '' }],
  ['A="\\0101"\n', { A: 'A' }],
];

for (const [text, values] of cases) test(JSON.stringify(text), () => assert.deepEqual(read(text), values));

test('faults name the file and the line', () => {
  assert.throws(() => read('A=1\nB C=2\n'), /failed to read \.env: line 2: key cannot contain a space/);
  assert.throws(() => read('A=1\nB!=2\n'), /failed to read \.env: line 2: unexpected character "!" in variable name "B!=2"/);
  assert.throws(() => read('A="x\n'), /line 1: unterminated quoted value "x/);
});
