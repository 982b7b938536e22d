import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '#base/json.ts';
import { checkFields } from '#cluster/api/field-validation.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { asObject } from '#cluster/kinds/object.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { convertProject, manifestsYaml } from '#compose/bridge/convert.ts';
import { openText } from '#compose/testing/open-text.ts';
import { SmallHasher } from './small-hasher.ts';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const schemas = new SchemaSet(schemaPackages);

/** What the API server says of an object when it is made. */
function faultsOf(document: JsonObject): string[] {
  const { apiVersion, kind } = document as { apiVersion: string; kind: string };
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const of = builtInResources.find((definition) => definition.group === group && definition.version === version && definition.kind === kind);
  assert.ok(of !== undefined, `${apiVersion} ${kind}`);
  const { defaults, validate } = rulesOf(of);
  checkFields(schemas, of, document, 'Strict', { contentType: 'application/json', bytes: new TextEncoder().encode(JSON.stringify(document)) });
  const object = asObject({ ...document, metadata: { ...document['metadata'] as JsonObject, uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' } });
  return (validate?.(defaults === undefined ? object : defaults(object)) ?? []).map((fault) => `${kind}: ${JSON.stringify(fault)}`);
}

test('what a project is converted to is what a cluster takes: every field is known, and every rule is kept', () => {
  const shop = convertProject(openText(text('../../../examples/shop/compose.yaml'), { environment: new Map([['SHOP_PASSWORD', 'x']]) }), () => undefined, new SmallHasher());
  for (const stream of [text('../../compose/bridge/golden.yaml'), manifestsYaml(shop.manifests)]) {
    const documents = parseAllDocuments(stream).map((document) => document.toJS() as JsonObject);
    assert.ok(documents.length > 20);
    assert.deepEqual(documents.flatMap(faultsOf), []);
  }
});

test('such a check finds what is wrong', () => {
  assert.throws(() => faultsOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { clusterIp: 'None' } }), /unknown field "spec.clusterIp"/);
  assert.match(faultsOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { type: 'ClusterIP' } }).join('\n'), /spec\.ports/);
});
