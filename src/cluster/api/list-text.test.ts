import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { MemoryStore } from '#store/memory.ts';
import { listText, TEXT_PAGE } from './list-text.ts';
import { ObjectStore } from './object-store.ts';
import { ResourceRegistry } from './resource-registry.ts';

const of = new ResourceRegistry(builtInResources).find('', 'v1', 'configmaps') as ResourceDefinition;
const made = (namespace: string, name: string): KubeObject => asObject({ kind: 'ConfigMap', data: { 'metadata': '{"metadata":{', 'ü': '\u2028"\n' }, metadata: { labels: { name }, name, namespace }, apiVersion: 'v1' });

async function listed(objects: ObjectStore, namespace?: string): Promise<{ items: unknown[]; pieces: number }> {
  const pieces: Uint8Array[] = [];
  const first = await objects.texts(of, namespace, { limit: TEXT_PAGE });
  for await (const piece of listText(objects, of, namespace, first, { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' } })) {
    // What comes between two pages is not shown.
    await objects.create(of, made('late', `l${pieces.length}-${(await objects.revision())}`));
    pieces.push(piece);
  }
  const { items, ...head } = JSON.parse(Buffer.concat(pieces).toString()) as { items: unknown[] };
  assert.deepEqual(head, { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' } });
  return { items, pieces: pieces.length };
}

test('as text a list is what it is as objects, whatever its length', async () => {
  const [store, revisions] = [new MemoryStore(), new Set<string>()];
  const objects = new ObjectStore(store);
  for (const [namespace, count] of [['a', 3 * TEXT_PAGE], ['b', TEXT_PAGE], ['c', 1]] as const) {
    for (let index = 0; index < count; index++) revisions.add((await objects.create(of, made(namespace, `n${index}`))).metadata.resourceVersion as string);
  }
  // As an earlier version wrote them.
  await store.put('registry/core/configmaps/c/old', JSON.stringify(asJson(made('c', 'old'))));
  assert.equal(revisions.size, 4 * TEXT_PAGE + 1);
  for (const [namespace, pieces] of [['a', 3], ['b', 1], ['c', 1], ['none', 1], [undefined, 5]] as const) {
    const expected = (await objects.list(of, namespace)).items.map(asJson);
    assert.deepEqual(await listed(objects, namespace), { items: expected, pieces });
  }
});
