import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import { textsByGroup } from '#cluster/kinds/texts/texts-by-group.ts';
import { TypeTexts } from '#cluster/kinds/type-texts.ts';
import { Simulation } from './_simulation.ts';

type Schemas = Readonly<Record<string, JsonObject>>;

/** `core.PodSpec` of `io.k8s.api.core.v1.PodSpec`. */
const typeOf = (schema: string): string => schema.replace(/^io\.k8s\.(?:api|\w+(?:-\w+)?\.pkg\.apis)\.(\w+)\.\w+\./, '$1.');

/** Every type and field that the schemas show, with its description. */
function shown(schemas: Schemas): Map<string, unknown> {
  return new Map(Object.entries(schemas).flatMap(([name, { description, properties = {} }]) => [
    [typeOf(name), description] as const,
    ...Object.entries(properties as Schemas).map(([field, of]) => [`${typeOf(name)}.${field}`, of['description']] as const),
  ]));
}

async function schemasOf(path: string): Promise<Schemas> {
  return ((await new Simulation().ask('GET', `/openapi/v3/${path}`)).body as { components: { schemas: Schemas } }).components.schemas;
}

async function documents(): Promise<Map<string, unknown>> {
  const cluster = new Simulation();
  const { paths } = (await cluster.ask('GET', '/openapi/v3')).body as { paths: Record<string, { serverRelativeURL: string }> };
  const all = await Promise.all(Object.values(paths).map(async ({ serverRelativeURL }) => (await cluster.ask('GET', serverRelativeURL)).body as { components: { schemas: Schemas } }));
  return new Map(all.flatMap(({ components }) => [...shown(components.schemas)]));
}

test('every type and field of every built-in kind is described', async () => {
  const all = await documents();
  assert.ok(all.size > 2400, `${all.size} types and fields`);
  assert.deepEqual([...all].filter(([, text]) => typeof text !== 'string').map(([path]) => path), []);
});

test('nothing is described that is not there', async () => {
  const all = await documents();
  const told = [...new TypeTexts(textsByGroup).entries()].filter(([path]) => path.includes('.'));
  assert.deepEqual(told.filter(([path, text]) => all.get(path) !== text).map(([path]) => path), []);
});

test('the document of version 2 says the same', async () => {
  const answer = await new Simulation().send('GET', '/openapi/v2', undefined, { accept: 'application/json' });
  assert.ok(answer.kind === 'stream');
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks) chunks.push(chunk);
  const { definitions } = JSON.parse(Buffer.concat(chunks).toString()) as { definitions: Schemas };
  assert.deepEqual(shown(definitions), await documents());
});

test('only what nobody may leave out is required', async () => {
  const required = (schemas: Schemas, name: string): unknown => schemas[name]?.['required'];
  const [apps, ingress] = [await schemasOf('apis/apps/v1'), await schemasOf('apis/networking.k8s.io/v1')];
  assert.deepEqual(required(apps, 'io.k8s.api.apps.v1.DeploymentSpec'), ['selector', 'template']);
  assert.deepEqual(required(apps, 'io.k8s.api.core.v1.PodSpec'), ['containers']);
  assert.deepEqual(required(ingress, 'io.k8s.api.networking.v1.HTTPIngressPath'), ['pathType', 'backend'], 'left out of JSON where it is empty, but marked');
});
