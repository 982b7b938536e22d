import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExchange, type Exchanged } from './check-exchange.ts';
import { checkValue } from './check-value.ts';
import { describe as readDocument, findOperation } from './description.ts';
import type { Schema } from './schema.ts';

const definitions = {
  Thing: { type: 'object', required: ['Id'], properties: { Id: { type: 'string', minLength: 1 }, Size: { type: 'integer', format: 'int64', 'x-nullable': true }, Kind: { type: 'string', enum: ['a', 'b'] } } },
  More: { allOf: [{ $ref: '#/definitions/Thing' }, { type: 'object', properties: { At: { type: 'string', format: 'date-time' } } }] },
  ErrorResponse: { type: 'object', required: ['message'], properties: { message: { type: 'string' } } },
} satisfies Readonly<Record<string, Schema>>;

function faults(schema: Schema, value: unknown): string[] {
  return checkValue(schema, value, definitions).map(({ place, message }) => `${place}: ${message}`);
}

const thing: Schema = { $ref: '#/definitions/Thing' };

test('a value that fits has no fault', () => {
  assert.deepEqual(faults(thing, { Id: 'x', Size: 3, Kind: 'a' }), []);
  assert.deepEqual(faults(thing, { Id: 'x', Size: null }), []);
  assert.deepEqual(faults({ $ref: '#/definitions/More' }, { Id: 'x', At: '2026-01-02T03:04:05.123456789Z' }), []);
  assert.deepEqual(faults({ type: 'array', items: thing }, []), []);
  assert.deepEqual(faults({ type: 'object', additionalProperties: { type: 'string' } }, { any: 'thing' }), []);
  assert.deepEqual(faults({ type: 'object' }, { any: 1 }), []);
  assert.deepEqual(faults({ ...thing, 'x-nullable': true }, null), []);
});

test('each way to be wrong is told with its place', () => {
  assert.deepEqual(faults(thing, {}), ['Id: is missing']);
  assert.deepEqual(faults(thing, { Id: 1 }), ['Id: is integer, not string']);
  assert.deepEqual(faults(thing, { Id: null }), ['Id: is null, not string']);
  assert.deepEqual(faults(thing, { Id: '' }), ['Id: is 0 characters long']);
  assert.deepEqual(faults(thing, { Id: 'x', Size: 1.5 }), ['Size: is number, not integer']);
  assert.deepEqual(faults(thing, { Id: 'x', Size: 1e300 }), ['Size: 1e+300 is no int64']);
  assert.deepEqual(faults(thing, { Id: 'x', Kind: 'c' }), ['Kind: "c" is none of a, b']);
  assert.deepEqual(faults(thing, { Id: 'x', ID: 'x' }), ['ID: is not described']);
  assert.deepEqual(faults(thing, []), [': is array, not object']);
  assert.deepEqual(faults({ $ref: '#/definitions/More' }, { At: 'yesterday' }), ['Id: is missing', 'At: "yesterday" is no time of RFC 3339']);
  assert.deepEqual(faults({ type: 'array', items: thing }, null), [': is null, not array']);
  assert.deepEqual(faults({ type: 'array', items: thing }, [{ Id: 'x' }, {}]), ['[].Id: is missing']);
  assert.deepEqual(faults({ type: 'object', additionalProperties: { type: 'string' } }, { any: 1 }), ['{}: is integer, not string']);
  assert.deepEqual(faults({ type: 'array', minItems: 2, maxItems: 2 }, [1]), [': has 1 items, fewer than 2']);
  assert.deepEqual(faults({ type: 'string', pattern: '^[a-z]+$' }, 'A1'), [': does not match ^[a-z]+$']);
});

test('formats', () => {
  const wrong = (format: string, value: unknown): boolean => faults({ type: typeof value === 'number' ? 'integer' : 'string', format }, value).length > 0;
  assert.deepEqual(['2026-01-02T03:04:05Z', '0001-01-01T00:00:00Z', '2026-01-02T03:04:05.1+02:00', '2026-13-02T03:04:05Z', '2026-01-02 03:04:05', '2026-01-02T24:04:05Z', ''].map((text) => wrong('dateTime', text)), [false, false, false, true, true, true, true]);
  assert.deepEqual([0, 65535, 65536, -1].map((number) => wrong('uint16', number)), [false, false, true, true]);
  assert.deepEqual(['10.0.0.1', 'fd00::1', '10.0.0', ''].map((text) => wrong('ip-address', text)), [false, false, true, true]);
  assert.deepEqual(['10.0.0.0/8', 'fd00::/64', '10.0.0.0/33', '10.0.0.0'].map((text) => wrong('CIDR', text)), [false, false, true, true]);
  assert.throws(() => faults({ type: 'string', format: 'nosuch' }, 'x'), /format that is not checked: nosuch/);
  assert.throws(() => faults({ $ref: '#/definitions/Nosuch' }, 'x'), /has no #\/definitions\/Nosuch/);
});

const description = readDocument({
  info: { version: '1.51' }, produces: ['application/json'], definitions,
  paths: {
    '/things/{id}/json': { get: { tags: [], produces: ['application/json'], parameters: [], responses: { 200: { schema: thing }, 404: { schema: { $ref: '#/definitions/ErrorResponse' } } } } },
    '/things/json': { get: { tags: [], produces: ['application/json'], parameters: [], responses: { 200: { schema: { type: 'array', items: thing } } } } },
    '/things/{name}/tag': { post: { tags: [], produces: [], parameters: [], responses: { 204: {} } } },
  },
});

test('a request finds its operation', () => {
  const title = (method: string, target: string): string | undefined => findOperation(description, method, target)?.title;
  assert.equal(title('GET', '/v1.51/things/x/json?size=1'), 'GET /things/{id}/json');
  assert.equal(title('GET', '/things/json'), 'GET /things/json');
  assert.equal(title('POST', '/things/with/a/slash:1/tag'), 'POST /things/{name}/tag');
  assert.equal(title('GET', '/things/a/b/json'), undefined);
  assert.equal(title('PUT', '/things/json'), undefined);
});

test('an answer is held against its operation', () => {
  const told = (part: Partial<Exchanged> & { text?: string }): string[] => checkExchange(description, {
    method: 'GET', target: '/v1.51/things/x/json', status: 200, headers: { 'content-type': 'application/json', 'api-version': '1.51' }, body: new TextEncoder().encode(part.text ?? '{"Id":"x"}'), ...part,
  }).faults.map(({ place, message }) => `${place}: ${message}`);
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ text: '{"Id":"x"}\n{"Id":"y"}\n' }), []);
  assert.deepEqual(told({ text: '{"Id":"x"}\n{"Id":"y', isCut: true }), []);
  assert.deepEqual(told({ text: '{"Id":"x"}\n{"Id":2}\n' }), ['Id: is integer, not string']);
  assert.deepEqual(told({ text: 'Id: x' }), ['body: is no JSON: "Id: x"']);
  assert.deepEqual(told({ status: 404, text: '{"message":"no"}' }), []);
  assert.deepEqual(told({ status: 404, text: '{"error":"no"}' }), ['message: is missing', 'error: is not described']);
  assert.deepEqual(told({ status: 418, text: '{"message":"no"}' }), ['status: 418 is not described']);
  assert.deepEqual(told({ headers: { 'content-type': 'text/html', 'api-version': '1.51' } }), ['header Content-Type: is text/html, not application/json', 'body: is text/html, not JSON']);
  assert.deepEqual(told({ headers: { 'content-type': 'application/json' } }), ['header Api-Version: is missing']);
  assert.deepEqual(told({ method: 'POST', target: '/things/x/tag', status: 204, text: 'a body' }), ['body: is there with status 204']);
});
