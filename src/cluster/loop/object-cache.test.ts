import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { ObjectStore, type ObjectList, type ObjectWatch } from '#cluster/api/object-store.ts';
import { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { asObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { MemoryStore } from '#store/memory.ts';
import { ObjectCache } from './object-cache.ts';

/** Its connection breaks, and is not made for a while. */
class DistantStore extends ObjectStore {
  #break = (): void => {};
  isAway = false;

  leave(): void {
    this.isAway = true;
    this.#break();
  }

  override async list(...args: Parameters<ObjectStore['list']>): Promise<ObjectList> {
    if (this.isAway) throw new GantryError('unavailable', 'nobody is there');
    return await super.list(...args);
  }

  override watch(...args: Parameters<ObjectStore['watch']>): ObjectWatch {
    const watch = super.watch(...args);
    const broken = new Promise<never>((_, reject) => (this.#break = () => reject(new GantryError('unavailable', 'it broke'))));
    broken.catch(() => {});
    return {
      position: () => watch.position(), close: () => watch.close(),
      async *[Symbol.asyncIterator]() {
        const changes = watch[Symbol.asyncIterator]();
        for (;;) {
          const next = await Promise.race([changes.next(), broken]);
          if (next.done === true) return;
          yield next.value;
        }
      },
    };
  }
}

test('a cache whose store goes away shows what it knew, and what there is once it is back', async () => {
  const [timers, lines] = [new ManualClock(), [] as string[]];
  const objects = new DistantStore(new MemoryStore());
  const of = new ResourceRegistry(builtInResources).find('', 'v1', 'namespaces') as ResourceDefinition;
  const create = async (name: string): Promise<unknown> => await objects.create(of, asObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  const cache = new ObjectCache(of, objects, () => {}, { timers, log: (line) => void lines.push(line) });
  const names = (): string => cache.list().map(({ metadata }) => metadata.name).join();
  await create('a');
  await cache.open();
  objects.leave();
  await timers.run(3000);
  await create('b');
  assert.equal(names(), 'a');
  assert.match(lines.join('\n'), /^(namespaces are as they were, and are listed again: nobody is there\n?){3,4}$/);
  objects.isAway = false;
  await timers.run(1000);
  assert.equal(names(), 'a,b');
  await create('c');
  await timers.run(0);
  assert.equal(names(), 'a,b,c');
  cache.close();
});
