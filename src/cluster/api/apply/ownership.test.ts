import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '#base/json.ts';
import { compareValues } from './compare-values.ts';
import { FieldSet } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import type { FieldType } from './field-type.ts';
import type { ManagerEntry, Managers } from './managed-fields.ts';
import { mergeValues } from './merge-values.ts';
import { atOnce } from '../parts-of-work.ts';
import { applyOwned } from './ownership.ts';
import { removeFields } from './remove-fields.ts';

const SCALAR: FieldType = { kind: 'scalar' };
const struct = (fields: Readonly<Record<string, () => FieldType>>): FieldType => ({ kind: 'object', other: { kind: 'deduced' }, named: (name) => (Object.hasOwn(fields, name) ? fields[name]!() : undefined) });
const mapOf = (other: FieldType): FieldType => ({ kind: 'object', other, named: () => undefined });
const ITEM = struct({ name: () => SCALAR, value: () => SCALAR, tags: () => ({ kind: 'list', item: SCALAR, keys: [], keyDefaults: new Map() }) });
const TYPE: FieldType = struct({
  scalar: () => SCALAR, whole: () => ({ kind: 'atomic' }), inner: () => struct({ a: () => SCALAR, b: () => SCALAR }), map: () => mapOf(struct({ a: () => SCALAR })),
  list: () => ({ kind: 'list', item: ITEM, keys: ['name'], keyDefaults: new Map() }),
});

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const entry = (manager: string): ManagerEntry => ({ manager, operation: 'Apply', apiVersion: 'v1', subresource: '', time: undefined, fields: FieldSet.empty });

/** Applies one after the other, each by force. */
function play(...steps: readonly (readonly [manager: string, config: JsonObject])[]): { object: Json; owners: Record<string, Json> } {
  let live: Json = {};
  let managers: Managers = new Map();
  for (const [manager, config] of steps) ({ object: live, managers } = atOnce(applyOwned(TYPE, live, config, managers, manager, entry(manager), FieldSet.empty)));
  return { object: plain(live), owners: Object.fromEntries([...managers].map(([key, { fields }]) => [key, plain(fields.toJson())])) };
}

describe('applying', () => {
  test('an entry of a map stays, empty, while somebody owns that it is there', () => {
    const { object, owners } = play(['one', { map: { k: {} } }], ['two', { map: { k: { a: 1 } } }], ['two', { scalar: 1 }]);
    assert.deepEqual(object, { map: { k: null }, scalar: 1 });
    assert.deepEqual(owners, { one: { 'f:map': { 'f:k': {} } }, two: { 'f:scalar': {} } });
  });

  test('nothing makes no owner', () => assert.deepEqual(play(['one', { list: [] }]), { object: { list: [] }, owners: {} }));

  test('null says nothing of what is owned part by part', () => assert.deepEqual(play(['one', { inner: { a: 1 } }], ['two', { inner: null }]).object, { inner: { a: 1 } }));

  test('what an updater added to an applied item stays when the item is applied without it', () => {
    const first = atOnce(applyOwned(TYPE, {}, { list: [{ name: 'a', value: 1 }] }, new Map(), 'one', entry('one'), FieldSet.empty));
    const live = { list: [{ name: 'a', value: 1, tags: ['t'] }] };
    const { object } = atOnce(applyOwned(TYPE, live, { list: [{ name: 'a' }] }, first.managers, 'one', entry('one'), FieldSet.empty));
    assert.deepEqual(plain(object), { list: [{ name: 'a', tags: ['t'] }] });
  });
});

const scalar = fc.constantFrom<Json>('x', 1, true);
const item = fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: scalar, tags: fc.uniqueArray(fc.constantFrom('p', 'q')) }, { requiredKeys: ['name'] });
const config = fc.record({
  scalar, whole: fc.constantFrom<Json>({ a: 1 }, { b: 2 }), inner: fc.record({ a: scalar, b: scalar }, { requiredKeys: [] }), map: fc.dictionary(fc.constantFrom('k', 'l'), fc.record({ a: scalar }, { requiredKeys: [] })),
  list: fc.uniqueArray(item, { selector: ({ name }) => name }),
}, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

describe('always', () => {
  test('FieldsV1 is read as it is written', () => {
    fc.assert(fc.property(config, (value) => assert.deepEqual(plain(FieldSet.parse(plain(fieldSetOf(TYPE, value).toJson())).toJson()), plain(fieldSetOf(TYPE, value).toJson()))));
  });

  test('applying again changes nothing', () => {
    fc.assert(fc.property(config, config, (first, second) => {
      const once = play(['one', first], ['two', second]);
      assert.deepEqual(play(['one', first], ['two', second], ['two', second]), once);
    }));
  });

  test('who applies alone gets what was applied, nothing being like none', () => {
    const bare = (value: Json): Json => JSON.parse(JSON.stringify(value), (_, each: Json) => (each === null || (typeof each === 'object' && Object.keys(each).length === 0) ? undefined : each)) as Json ?? {};
    fc.assert(fc.property(config, config, (first, second) => assert.deepEqual(bare(play(['one', first], ['one', second]).object), bare(second))));
  });

  test('merging has every applied field, and no value differs from itself', () => {
    fc.assert(fc.property(config, config, (live, applied) => {
      const merged = mergeValues(TYPE, live, applied) as Json;
      const { modified, removed } = compareValues(TYPE, applied, merged);
      assert.deepEqual([modified.isEmpty, [...removed.paths()]], [true, []]);
      const self = compareValues(TYPE, merged, merged);
      assert.ok(self.added.isEmpty && self.modified.isEmpty && self.removed.isEmpty);
    }));
  });

  test('removing nothing keeps everything', () => {
    fc.assert(fc.property(config, (value) => assert.deepEqual(removeFields(TYPE, value, FieldSet.empty), value)));
  });
});
