import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import { UidIndex } from './uid-index.ts';

const made = (name: string, uid: string, owners: readonly string[]): KubeObject => asObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name, uid, ...(owners.length === 0 ? {} : { ownerReferences: owners.map((owner) => ({ apiVersion: 'v1', kind: 'Node', name: owner, uid: owner })) }) } });

test('whatever changes, it answers as a look at all of them would', () => {
  const uid = fc.constantFrom('u1', 'u2', 'u3', 'u4');
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), next: fc.option(fc.record({ uid, owners: fc.uniqueArray(uid, { maxLength: 3 }) })) });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const [index, present] = [new UidIndex(), new Map<string, KubeObject>()];
    for (const { name, next } of steps) {
      const previous = present.get(name);
      // One uid is one object's.
      if (next !== null && [...present.values()].some(({ metadata }) => metadata.uid === next.uid && metadata.name !== name)) continue;
      const object = next === null ? undefined : made(name, next.uid, next.owners);
      index.change(object, previous);
      if (object === undefined) present.delete(name);
      else present.set(name, object);
      for (const each of ['u1', 'u2', 'u3', 'u4']) {
        assert.equal(index.byUid(each), [...present.values()].find(({ metadata }) => metadata.uid === each));
        assert.deepEqual(new Set(index.ownedBy(each)), new Set([...present.values()].filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === each))));
      }
    }
  }));
});
