import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldSchema } from './schema.ts';
import { textsByGroup } from './texts/texts-by-group.ts';
import { TypeTexts } from './type-texts.ts';

const field = (name: string, type: FieldSchema['type'] = { kind: 'scalar', scalar: 'string' }): FieldSchema => ({
  name, number: 1, shape: 'one', type, inline: false, pointer: false, required: false, ownership: { kind: 'granular' }, patch: undefined, preset: undefined,
});
const message = (name: string): FieldSchema['type'] => ({ kind: 'message', name });

test('types go by group and name, and what is not said of a field is as of the type that it is like', () => {
  const texts = new TypeTexts({ toys: ['Toy: A toy.\n  colour: What it looks like.\n  size: How large it is.\nBall < Toy: A round toy.\n  size: Its diameter.'], shops: ['Ware < toys.Ball: What is sold.'] });
  assert.deepEqual([texts.ofType('toys.v1.Ball'), texts.ofType('toys.v1beta2.Ball'), texts.ofType('toys.v1.Car'), texts.ofType('cars.v1.Ball')], ['A round toy.', 'A round toy.', undefined, undefined]);
  assert.deepEqual(['colour', 'size', 'weight'].map((name) => texts.ofField('toys.v1.Ball', field(name))), ['What it looks like.', 'Its diameter.', undefined]);
  assert.deepEqual(['colour', 'size'].map((name) => texts.ofField('shops.v1.Ware', field(name))), ['What it looks like.', 'Its diameter.']);
});

test('what every kind has need not be said for each', () => {
  const texts = new TypeTexts({ toys: ['Toy: A toy.\nReview: A question.\n  spec: The question.'] });
  const said = (type: string, name: string, of: string): string | undefined => texts.ofField(type, field(name, message(of)));
  assert.match(said('toys.v1.Toy', 'metadata', 'meta.v1.ObjectMeta') ?? '', /name, namespace/);
  assert.match(said('toys.v1.Toy', 'spec', 'toys.v1.ToySpec') ?? '', /asks for/);
  assert.match(said('toys.v1.Toy', 'status', 'toys.v1.ToyStatus') ?? '', /found/);
  assert.equal(said('toys.v1.Review', 'spec', 'toys.v1.ReviewSpec'), 'The question.');
  assert.equal(said('toys.v1.Toy', 'spec', 'toys.v1.BallSpec'), undefined);
});

for (const [what, text] of [['no description', 'Toy:'], ['a field of no type', '  colour: Red.'], ['a type twice', 'Toy: A.\nToy: B.'], ['a field twice', 'Toy: A.\n  colour: B.\n  colour: C.'], ['an empty line', 'Toy: A.\n\nBall: B.']] as const) {
  test(`refused: ${what}`, () => {
    assert.throws(() => new TypeTexts({ toys: [text] }).ofType('toys.v1.Toy'), /no new type or field/);
  });
}

test('each text is a sentence or two, and more than the name', () => {
  const words = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wrong = ([path, text]: readonly [string, string]): boolean => text.length > 240 || !/^[A-Z0-9][\x20-\x7e]*[^\s.]\.$/.test(text) || text.includes('  ') || words(text) === words(path.slice(path.lastIndexOf('.') + 1));
  const all = [...new TypeTexts(textsByGroup).entries()];
  assert.ok(all.length > 2000, `${all.length} texts`);
  assert.deepEqual(all.filter(wrong), []);
  assert.ok(wrong(['core.PodSpec.nodeName', 'Node name.']) && wrong(['core.Pod', `${'Long '.repeat(60)}text.`]) && wrong(['core.Pod', 'No end']), 'the check finds what it is for');
});
