import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { Simulation } from './_simulation.ts';
import { swaggerSchema } from './swagger.ts';

async function bodyOf(accept: string): Promise<{ readonly type: string; readonly bytes: Uint8Array }> {
  const answer = await new Simulation().send('GET', '/openapi/v2', undefined, { accept });
  assert.ok(answer.kind === 'stream');
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks) chunks.push(chunk);
  return { type: answer.contentType, bytes: Buffer.concat(chunks) };
}

test('the document in JSON has the paths and types of all groups, and no reference that leads nowhere', async () => {
  const { type, bytes } = await bodyOf('application/json');
  assert.equal(type, 'application/json');
  const text = new TextDecoder().decode(bytes);
  const { swagger, paths, definitions } = JSON.parse(text) as { swagger: string; paths: Record<string, JsonObject>; definitions: Record<string, JsonObject> };
  assert.equal(swagger, '2.0');
  const referred = new Set([...text.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name = '']) => name));
  assert.deepEqual([...referred].filter((name) => definitions[name] === undefined), []);
  const ofVersion3 = /"(?:oneOf|anyOf|allOf|requestBody|nullable)":|components/;
  assert.deepEqual(Object.entries({ ...definitions, ...paths }).filter(([name, value]) => ofVersion3.test(JSON.stringify(value)) && !name.endsWith('JSONSchemaProps')).map(([name]) => name), [], 'but for the kind that has fields of these names');
  assert.deepEqual(definitions['io.k8s.api.apps.v1.Deployment']?.['x-kubernetes-group-version-kind'], [{ group: 'apps', version: 'v1', kind: 'Deployment' }]);
  const spec = (definitions['io.k8s.api.core.v1.PodSpec']?.['properties'] as Record<string, JsonObject>)['containers'];
  assert.deepEqual([spec?.['type'], spec?.['items'], spec?.['x-kubernetes-patch-merge-key']], ['array', { $ref: '#/definitions/io.k8s.api.core.v1.Container' }, 'name']);
  const { patch, parameters } = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'] as { patch: JsonObject; parameters: JsonObject[] };
  assert.deepEqual(parameters.map(({ name, in: place }) => [name, place]), [['namespace', 'path'], ['name', 'path']]);
  assert.ok((patch['consumes'] as string[]).includes('application/strategic-merge-patch+json'));
  assert.ok((patch['parameters'] as JsonObject[]).some((each) => each['name'] === 'dryRun' && each['in'] === 'query' && each['type'] === 'string'));
});

test('alternatives and null are said as upstream says them', () => {
  assert.deepEqual(swaggerSchema({ format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }), { type: 'string', format: 'int-or-string' });
  assert.deepEqual(swaggerSchema({ type: 'object', nullable: true, properties: { a: { type: 'string' } } }), {});
  assert.deepEqual(swaggerSchema({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } }), { type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  assert.deepEqual(swaggerSchema({ type: 'object', additionalProperties: { allOf: [{ $ref: '#/components/schemas/a.B' }], default: {} } }), { type: 'object', additionalProperties: { $ref: '#/definitions/a.B', default: {} } });
});

/** Fields of a message, by number. */
function fieldsOf(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const fields = new Map<number, Uint8Array[]>();
  for (let at = 0; at < bytes.length;) {
    const read = (): number => {
      for (let [value, shift] = [0, 0]; ; shift += 7) {
        const byte = bytes[at++] ?? 0;
        value += (byte & 127) * 2 ** shift;
        if (byte < 128) return value;
      }
    };
    const key = read();
    const [number, wire] = [key >> 3, key & 7];
    const length = wire === 2 ? read() : 0;
    const start = at;
    if (wire === 0) read();
    else at += length;
    fields.set(number, [...fields.get(number) ?? [], bytes.subarray(start, at)]);
  }
  return fields;
}

test('the document in protobuf has the same types, with their kinds', async () => {
  const { type, bytes } = await bodyOf('application/com.github.proto-openapi.spec.v2@v1.0+protobuf');
  assert.equal(type, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  const document = fieldsOf(bytes);
  const text = (of: Uint8Array | undefined): string => new TextDecoder().decode(of);
  const named = (of: Uint8Array): [string, Map<number, Uint8Array[]>] => {
    const pair = fieldsOf(of);
    return [text(pair.get(1)?.[0]), fieldsOf(pair.get(2)?.[0] ?? new Uint8Array())];
  };
  assert.equal(text(document.get(1)?.[0]), '2.0');
  const definitions = new Map((document.get(9) ?? []).flatMap((each) => fieldsOf(each).get(1) ?? []).map(named));
  const service = definitions.get('io.k8s.api.core.v1.Service');
  const extensions = new Map((service?.get(31) ?? []).map(named));
  assert.equal(text(extensions.get('x-kubernetes-group-version-kind')?.get(2)?.[0]), '[{"group":"","version":"v1","kind":"Service"}]');
  const properties = new Map((fieldsOf(service?.get(25)?.[0] ?? new Uint8Array()).get(1) ?? []).map(named));
  assert.equal(text(properties.get('spec')?.get(1)?.[0]), '#/definitions/io.k8s.api.core.v1.ServiceSpec');
  assert.equal(text(fieldsOf(properties.get('kind')?.get(22)?.[0] ?? new Uint8Array()).get(1)?.[0]), 'string');
  const json = JSON.parse(new TextDecoder().decode((await bodyOf('*/*')).bytes)) as { definitions: object; paths: object };
  assert.deepEqual([...definitions.keys()], Object.keys(json.definitions));
  assert.equal((document.get(8) ?? []).length, Object.keys(json.paths).length);
});
