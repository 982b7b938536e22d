import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json, JsonObject } from '#base/json.ts';
import { asObject, type KubeObject } from '../object.ts';
import { rulesOf } from '../rules-of.ts';
import { parseCustomSchema } from './custom-schema.ts';
import { withDefaults } from './defaults.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';
import { pruned } from './prune.ts';
import { checkRules, compileRules } from './rule-validation.ts';
import { structuralFaults } from './structural.ts';
import { checkValue } from './value-validation.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const plain = (value: Json): unknown => JSON.parse(JSON.stringify(value));
const texts = (faults: readonly { readonly field: string; readonly message: string }[]): string[] => faults.map(({ field, message }) => `${field}: ${message}`);

test('what a schema does not have goes, but for what it says to keep', () => {
  const schema = parseCustomSchema(object({
    spec: object({ a: { type: 'string' }, open: object({ known: object({ x: { type: 'string' } }) }, { 'x-kubernetes-preserve-unknown-fields': true }), map: { type: 'object', additionalProperties: object({ y: { type: 'string' } }) }, whole: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} }, list: { type: 'array', items: object({ z: { type: 'string' } }) } }),
  }));
  const unknown: string[] = [];
  const given = JSON.parse('{"apiVersion":"v1","kind":"K","metadata":{"name":"n","odd":1},"top":1,"spec":{"a":"x","b":1,"__proto__":{"p":1},"open":{"more":1,"known":{"x":"1","w":2}},"map":{"k":{"y":"1","n":2}},"whole":{"kind":"P","metadata":{"name":"m","odd":1,"labels":{"a":"b"}},"spec":1},"list":[{"z":"1","q":2}]}}') as Json;
  assert.deepEqual(plain(pruned(given, schema, unknown)), { apiVersion: 'v1', kind: 'K', metadata: { name: 'n' }, spec: { a: 'x', open: { more: 1, known: { x: '1' } }, map: { k: { y: '1' } }, whole: { kind: 'P', metadata: { name: 'm', labels: { a: 'b' } } }, list: [{ z: '1' }] } });
  assert.deepEqual(unknown, ['metadata.odd', 'top', 'spec.b', 'spec.__proto__', 'spec.open.known.w', 'spec.map.k.n', 'spec.whole.metadata.odd', 'spec.whole.spec', 'spec.list[0].q']);
});

test('what is absent is filled in, and null where it may not be', () => {
  const schema = parseCustomSchema(object({ a: { type: 'integer', default: 1 }, n: { type: 'string', nullable: true, default: 'x' }, o: object({ b: { type: 'string', default: 'y' } }), d: object({ c: { type: 'string', default: 'z' } }, { default: {} }), l: { type: 'array', items: object({ e: { type: 'boolean', default: true } }) } }));
  assert.deepEqual(plain(withDefaults({}, schema)), { a: 1, n: 'x', d: { c: 'z' } });
  assert.deepEqual(plain(withDefaults({ a: null, n: null, o: {}, l: [{}, { e: false }] }, schema)), { a: 1, n: null, o: { b: 'y' }, d: { c: 'z' }, l: [{ e: true }, { e: false }] });
});

/** A schema of one field, a value of it, and what upstream says. */
const VALUES: readonly (readonly [schema: JsonObject, value: Json, ...faults: string[]])[] = [
  [{ type: 'string' }, 1, 'f: Invalid value: "integer": f in body must be of type string: "integer"'],
  [{ type: 'integer' }, 1.5, 'f: Invalid value: "number": f in body must be of type integer: "number"'],
  [{ type: 'string' }, null, 'f: Invalid value: "null": f in body must be of type string: "null"'],
  [{ type: 'string', nullable: true }, null],
  [{ 'x-kubernetes-int-or-string': true }, '50%'], [{ 'x-kubernetes-int-or-string': true }, 5],
  [{ 'x-kubernetes-int-or-string': true }, true, 'f: Invalid value: "boolean": f in body must be of type integer,string: "boolean"'],
  [{ type: 'integer', minimum: 1, maximum: 10 }, 15, 'f: Invalid value: 15: f in body should be less than or equal to 10'],
  [{ type: 'integer', minimum: 1, exclusiveMinimum: true }, 1, 'f: Invalid value: 1: f in body should be greater than 1'],
  [{ type: 'number', multipleOf: 2 }, 3, 'f: Invalid value: 3: f in body should be a multiple of 2'],
  [{ type: 'string', pattern: '^(\\d+|\\*)$' }, 'x', "f: Invalid value: \"x\": f in body should match '^(\\d+|\\*)$'"],
  [{ type: 'string', minLength: 2, maxLength: 3 }, 'abcd', 'f: Too long: may not be more than 3 bytes'],
  [{ type: 'string', minLength: 2 }, 'a', 'f: Invalid value: "a": f in body should be at least 2 chars long'],
  [{ type: 'string', enum: ['a', 'b'] }, 'c', 'f: Unsupported value: "c": supported values: "a", "b"'],
  [{ type: 'string', format: 'date-time' }, 'today', 'f: Invalid value: "today": f in body must be of type date-time: "today"'],
  [{ type: 'string', format: 'nobody-knows' }, 'x'],
  [{ type: 'array', maxItems: 1, items: { type: 'string' } }, ['a', 'b'], 'f: Too many: 2: must have at most 1 items'],
  [{ type: 'array', items: { type: 'string' } }, ['a', 1], 'f[1]: Invalid value: "integer": f[1] in body must be of type string: "integer"'],
  [{ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }, ['a', 'b', 'a'], 'f[2]: Duplicate value: "a"'],
  [{ type: 'array', items: object({ k: { type: 'string' }, v: { type: 'string' } }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] }, [{ k: 'a' }, { k: 'a', v: 'x' }], 'f[1]: Duplicate value: {"k":"a"}'],
  [object({ a: { type: 'string' } }, { required: ['a', 'b'] }), { a: 'x' }, 'f.b: Required value'],
  [{ type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 }, { x: 'y' }, 'f: Invalid value: {"x":"y"}: f in body should have at least 2 properties', 'f.x: Invalid value: "string": f.x in body must be of type integer: "string"'],
  [{ type: 'string', anyOf: [{ enum: ['a'] }, { pattern: '^b' }] }, 'c', 'f: Invalid value: "c": f in body must validate at least one schema (anyOf)'],
  [{ type: 'string', oneOf: [{ pattern: 'a' }, { pattern: 'b' }] }, 'ab', 'f: Invalid value: "ab": f in body must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  [{ type: 'string', not: { enum: ['x'] } }, 'x', 'f: Invalid value: "x": f in body must not validate the schema (not)'],
];

for (const [schema, value, ...faults] of VALUES) {
  test(`${JSON.stringify(value)} is judged by ${JSON.stringify(schema)} as upstream does`, () => {
    assert.deepEqual(texts(checkValue({ f: value }, parseCustomSchema(object({ f: schema })))), faults);
  });
}

test('what was wrong before and does not change may stay', () => {
  const schema = parseCustomSchema(object({ a: { type: 'string', maxLength: 1 }, l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: object({ k: { type: 'string' }, v: { type: 'integer', maximum: 1 } }) } }));
  const old = { a: 'long', l: [{ k: 'x', v: 9 }] };
  assert.deepEqual(texts(checkValue({ ...old, b: 1 }, schema, '', old)), []);
  assert.deepEqual(texts(checkValue({ a: 'other', l: [{ k: 'y', v: 1 }, { k: 'x', v: 9 }, { k: 'z', v: 8 }] }, schema, '', old)), ['a: Too long: may not be more than 1 bytes', 'l[2].v: Invalid value: 8: l[2].v in body should be less than or equal to 1']);
});

test('a pattern that would take for ever takes a moment', () => {
  const schema = parseCustomSchema(object({ f: { type: 'string', pattern: '^(a+)+$' } }));
  assert.equal(checkValue({ f: `${'a'.repeat(5_000)}b` }, schema).length, 1);
});

const SPEC: JsonObject = object({
  min: { type: 'integer' }, max: { type: 'integer' }, name: { type: 'string', maxLength: 50 }, tags: { type: 'array', maxItems: 20, items: { type: 'string', maxLength: 20 } }, map: { type: 'object', maxProperties: 20, additionalProperties: { type: 'integer' } },
  parts: { type: 'array', maxItems: 20, items: object({ name: { type: 'string' }, size: { type: 'integer' } }) }, 'odd-name': { type: 'string' }, namespace: { type: 'string' }, when: { type: 'string', format: 'date-time' }, either: { 'x-kubernetes-int-or-string': true }, length: { type: 'string', format: 'duration' },
});
const told = (rule: JsonObject, value: JsonObject, old?: JsonObject): string[] => {
  const schema = parseCustomSchema(object({ spec: { ...SPEC, 'x-kubernetes-validations': [rule] } }));
  return texts(checkRules(compileRules(schema), { spec: value }, schema, old === undefined ? undefined : { spec: old }));
};

test('rules are asked of what they stand at, and say why not', () => {
  assert.deepEqual(told({ rule: 'self.min <= self.max' }, { min: 1, max: 2 }), []);
  assert.deepEqual(told({ rule: 'self.min <= self.max' }, { min: 3, max: 2 }), ['spec: Invalid value: "object": failed rule: self.min <= self.max']);
  assert.deepEqual(told({ rule: 'self.min <= self.max', messageExpression: '"min " + string(self.min)', fieldPath: '.min', reason: 'FieldValueForbidden' }, { min: 3, max: 2 }), ['spec.min: Forbidden: min 3']);
  assert.match(told({ rule: 'self.min <= self.max' }, { min: 3 })[0] ?? '', /^spec: Invalid value: "object": No such key: max evaluating rule: self\.min <= self\.max$/);
  for (const [rule, value] of [
    ['!has(self.max) || self.max > 1', {}], ['self.tags.all(t, t.matches("^[a-z]+$"))', { tags: ['a', 'b'] }], ['self.map.all(k, self.map[k] > 0)', { map: { a: 1, 'b-c': 2 } }], ['self.parts.exists(p, p.name == "x" && p.size == 2)', { parts: [{ name: 'x', size: 2 }] }],
    ['self.tags.all(i, t, i == 0 || self.tags[i - 1] < t)', { tags: ['a', 'b'] }], ['self.map.transformList(k, v, v > 1, k) == ["b-c"]', { map: { a: 1, 'b-c': 2 } }], ['self.parts.exists(i, p, p.name == "x" && i + 1 == p.size)', { parts: [{ name: 'y', size: 9 }, { name: 'x', size: 2 }] }],
    ['self.odd__dash__name == "a" && self.__namespace__ == "b"', { 'odd-name': 'a', namespace: 'b' }], ['self.when < timestamp("2030-01-01T00:00:00Z")', { when: '2026-01-01T00:00:00Z' }], ['self.either == 5 || self.either == "5%"', { either: '5%' }],
    ['self.length > duration("1m")', { length: '1h30m' }], ['self.tags.isSorted() && self.parts.map(p, p.size).sum() == 3', { tags: ['a', 'b'], parts: [{ size: 1 }, { size: 2 }] }],
  ] as const) assert.deepEqual(told({ rule }, value as JsonObject), [], rule);
});

test('rules about change are asked of changes only', () => {
  const rule = { rule: 'self.name == oldSelf.name', message: 'name stays' };
  assert.deepEqual(told(rule, { name: 'a' }), []);
  assert.deepEqual(told(rule, { name: 'a', min: 1 }, { name: 'a' }), []);
  assert.deepEqual(told(rule, { name: 'b' }, { name: 'a' }), ['spec: Invalid value: "object": name stays']);
  assert.deepEqual(told({ rule: 'oldSelf.hasValue() || self.min == 1', optionalOldSelf: true, message: 'begins at 1' }, { min: 2 }), ['spec: Invalid value: "object": begins at 1']);
});

test('rules that would take too long are not gone through, loops with two variables neither', () => {
  const two = parseCustomSchema(object({ l: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-validations': [{ rule: 'self.all(i, a, self.all(j, b, a <= b || i > j))' }] } }));
  const long = { l: Array.from({ length: 20_000 }, (_, index) => index) };
  assert.match(texts(checkRules(compileRules(two), long, two, undefined))[0] ?? '', /running out of cost budget/);
  assert.deepEqual(texts(checkRules(compileRules(two), { l: [1, 2, 3] }, two, undefined)), []);
  const schema = parseCustomSchema(object({ l: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-validations': [{ rule: 'self.all(a, self.all(b, a <= b || a > b))' }] } }));
  const began = performance.now();
  assert.match(texts(checkRules(compileRules(schema), { l: Array.from({ length: 20_000 }, (_, index) => index) }, schema, undefined))[0] ?? '', /running out of cost budget/);
  assert.ok(performance.now() - began < 8000);
});

const definition = (schema: JsonObject, more: JsonObject = {}): readonly string[] => texts(rulesOf({ group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' }).validate?.(asObject({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'lamps.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'lamps', kind: 'Lamp' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }], ...more },
} as JsonObject)) ?? []).map((text) => text.replace('spec.versions[0].schema.openAPIV3Schema', '$'));

test('a schema has to say of every value of what type it is', () => {
  for (const [schema, ...faults] of [
    [object({ a: {} }), '$.properties[a].type: Required value: must not be empty for specified object fields'],
    [{ type: 'string' }, '$.type: Invalid value: "string": must be object at the root'],
    [object({ a: { type: 'array' } }), '$.properties[a].items: Required value: must be specified'],
    [object({ a: { type: 'string', anyOf: [{ type: 'string' }] } }), '$.properties[a].anyOf[0].type: Forbidden: must be empty to be structural'],
    [object({ a: { type: 'string', default: 5 } }), '$.properties[a].default: Invalid value: "integer": spec.versions[0].schema.openAPIV3Schema.properties[a].default in body must be of type string: "integer"'],
    [object({ a: object({}, { additionalProperties: false }) }), '$.properties[a].additionalProperties: Forbidden: additionalProperties cannot be set to false'],
    [object({ a: { type: 'string', pattern: '(?=x)' } }), '$.properties[a].pattern: Invalid value: "(?=x)": must be a valid regular expression, but isn\'t: error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    [object({ a: { type: 'array', items: object({}), 'x-kubernetes-list-type': 'map' } }), '$.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map'],
    [object({ metadata: object({ labels: object({}) }) }), '$.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified'],
    [object({ a: { 'x-kubernetes-preserve-unknown-fields': true }, b: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } })],
  ] as const) assert.deepEqual(definition(schema as JsonObject), faults);
  assert.deepEqual(structuralFaults({}, '$').map(({ field }) => field), ['$.type']);
});

test('a default is not held against a schema that is wrong itself', () => {
  assert.match(definition({ type: 'object', properties: { a: { type: 'string', pattern: '(', default: 'x' } } }).join(), /pattern: Invalid value: "\(": must be a valid regular expression/);
});

test('a schema of any shape is refused or taken without a fault of our own', () => {
  const names = fc.constantFrom('type', 'properties', 'items', 'additionalProperties', 'default', 'enum', 'anyOf', 'not', 'required', 'pattern', 'format', 'nullable', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations', 'rule', 'a');
  const { value } = fc.letrec((tie) => ({ value: fc.oneof({ maxDepth: 6 }, fc.constantFrom<Json>(null, true, 1, 'object', 'array', 'string', 'map', 'a', '(', 'self.a'), fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: false })) }));
  fc.assert(fc.property(value, value, (schema, given) => {
    definition({ type: 'object', properties: { a: schema as Json } });
    const parsed = parseCustomSchema({ type: 'object', properties: { a: schema as Json } });
    const kept = withDefaults(pruned({ a: given as Json }, parsed), parsed);
    // A pattern that is none has been refused with its definition.
    if (!JSON.stringify(schema).includes('"(')) checkValue(kept, parsed);
  }));
});

test('a rule that is none, asks for what is not there or may take too long is refused with the definition', () => {
  const ruled = (rule: string, schema: JsonObject = SPEC): string => definition(object({ spec: { ...schema, 'x-kubernetes-validations': [{ rule }] } })).join('\n').replace('$.properties[spec].x-kubernetes-validations[0].rule: ', '');
  assert.equal(ruled('self.min < self.max'), '');
  assert.match(ruled('self.nothing > 1'), /^Invalid value: "self\.nothing > 1": compilation failed: No such key: nothing/);
  assert.match(ruled('self.min == "x"'), /compilation failed: no such overload: int == string/);
  assert.match(ruled('self.min <'), /compilation failed/);
  assert.equal(ruled('self.min'), 'Invalid value: "self.min": must evaluate to a bool');
  assert.match(ruled('self.l.all(a, self.l.all(b, a == b))', object({ l: { type: 'array', items: { type: 'string' } } })), /^Forbidden: estimated rule cost exceeds budget by factor of more than 100x/);
  assert.equal(ruled('self.l.all(a, self.l.all(b, a == b))', object({ l: { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 10 } } })), '');
});

test('what a definition is called, serves and shows has its rules too', () => {
  assert.deepEqual(definition(object({}), { group: 'example' }), ['spec.group: Invalid value: "example": should be a domain with at least one dot', 'metadata.name: Invalid value: "lamps.example.com": must be spec.names.plural+"."+spec.group']);
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object({}) } };
  assert.deepEqual(definition(object({}), { versions: [version, version] }), ['spec.versions: Invalid value: ["v1","v1"]: must have exactly one version marked as storage version', 'spec.versions[1].name: Duplicate value: "v1"']);
  assert.deepEqual(definition(object({}), { versions: [{ ...version, additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: 'a b' }], subresources: { scale: { specReplicasPath: '.status.x', statusReplicasPath: '' } } }] }), [
    'spec.versions[0].additionalPrinterColumns[0].type: Invalid value: "text": must be one of integer,number,string,boolean,date', 'spec.versions[0].additionalPrinterColumns[0].jsonPath: Invalid value: "a b": is an invalid path',
    'spec.versions[0].subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec', 'spec.versions[0].subresources.scale.statusReplicasPath: Required value',
  ]);
});

test('a conversion by a webhook says who is to be asked, and no other conversion does', () => {
  const conversion = (given: JsonObject): readonly string[] => definition(object({}), { conversion: given });
  const client = { url: 'https://x.example.com/convert' };
  assert.deepEqual(conversion({ strategy: 'Webhook', webhook: { clientConfig: client, conversionReviewVersions: ['v2', 'v1'] } }), []);
  assert.deepEqual(conversion({ strategy: 'Webhook' }), ['spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook', 'spec.conversion.conversionReviewVersions: Required value']);
  assert.deepEqual(conversion({ strategy: 'Webhook', webhook: { clientConfig: { ...client, service: { name: 'a' } }, conversionReviewVersions: ['v1', 'v1'] } }), ['spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required', 'spec.conversion.conversionReviewVersions[1]: Invalid value: "v1": duplicate version']);
  assert.deepEqual(conversion({ strategy: 'Webhook', webhook: { clientConfig: { url: 'http://x/' }, conversionReviewVersions: ['v2'] } }), ["spec.conversion.webhookClientConfig.url: Invalid value: \"http://x/\": 'https' is the only allowed URL scheme; desired format: https://host[/path]", 'spec.conversion.conversionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1']);
  assert.deepEqual(conversion({ strategy: 'None', webhook: { clientConfig: client, conversionReviewVersions: ['v1'] } }), ['spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook', 'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook']);
  assert.deepEqual(conversion({ strategy: 'Guess' }), ['spec.conversion.strategy: Unsupported value: "Guess": supported values: "None", "Webhook"']);
});

test('versions in which objects are stored stay, until the status says that none are', () => {
  const version = (name: string, storage: boolean): JsonObject => ({ name, served: true, storage, schema: { openAPIV3Schema: object({}) } });
  const stored = (versions: readonly JsonObject[], storedVersions: readonly string[]): KubeObject => asObject({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'lamps.example.com' }, spec: { group: 'example.com', versions: [...versions] }, status: { storedVersions: [...storedVersions] } });
  const { validateUpdate } = rulesOf({ group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' });
  const change = (next: KubeObject, old: KubeObject, subresource?: string): string[] => texts(validateUpdate?.(next, old, subresource) ?? []);
  const both = stored([version('v1', false), version('v2', true)], ['v1', 'v2']);
  assert.match(change(stored([version('v2', true)], ['v1', 'v2']), both).join(), /^status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions; v1 was previously a storage version/);
  assert.deepEqual(change(stored([version('v1', false), version('v2', true)], ['v2']), both, 'status'), []);
  assert.deepEqual(change(stored([version('v1', false), version('v2', true)], ['v1']), both, 'status'), ['status.storedVersions: Invalid value: ["v1"]: must have the storage version v2']);
  assert.deepEqual(change(stored([version('v1', false), version('v2', true)], []), both, 'status'), ['status.storedVersions: Invalid value: []: must have at least one stored version']);
  assert.deepEqual(change(stored([version('v2', true)], ['v2']), stored([version('v1', false), version('v2', true)], ['v2'])), []);
});

test('paths find what columns show', () => {
  const value = { status: { conditions: [{ type: 'Ready', status: 'True' }, { type: 'Other', status: 'False' }], list: [1, 2, 3] }, metadata: { labels: { 'a.b/c': 'x' } } };
  for (const [path, ...found] of [
    ['.status.conditions[?(@.type=="Ready")].status', 'True'], ['.status.conditions[*].type', 'Ready', 'Other'], ['.status.list[-1]', 3], ['{.status.list[0]}', 1], ['.metadata.labels.a\\.b/c', 'x'], [".metadata.labels['a.b/c']", 'x'], ['.status.nothing.at.all'], ['.__proto__.x'],
  ] as const) assert.deepEqual(valuesAt(value, parseJsonPath(path) ?? []), found, path);
  for (const wrong of ['a', '.a[', '.a[?(1)]', '.a..b']) assert.equal(parseJsonPath(wrong), undefined, wrong);
});
