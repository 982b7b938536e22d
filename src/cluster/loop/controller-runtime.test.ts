import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { Admission } from '#cluster/api/admission.ts';
import { FieldManager } from '#cluster/api/apply/field-manager.ts';
import { namespaceLifecycle } from '#cluster/api/namespace-lifecycle.ts';
import { ObjectStore, type ObjectWatch } from '#cluster/api/object-store.ts';
import { ObjectWriter } from '#cluster/api/object-writer.ts';
import { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { asObject } from '#cluster/kinds/object.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { MemoryStore } from '#store/memory.ts';
import { NOTHING, type Controller, type Write } from './controller.ts';
import { ControllerRuntime } from './controller-runtime.ts';
import { LocalWriter } from './local-writer.ts';

/** Watches tell nothing while they are held. */
class LaggingStore extends ObjectStore {
  #open = Promise.withResolvers<void>();
  #isHeld = false;

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (isHeld) this.#open = Promise.withResolvers<void>();
    else this.#open.resolve();
  }

  override watch(...args: Parameters<ObjectStore['watch']>): ObjectWatch {
    const watch = super.watch(...args);
    const until = async (): Promise<void> => this.#isHeld ? await this.#open.promise : undefined;
    let told = args[2];
    return {
      position: () => this.#isHeld ? told : told = watch.position(),
      close: () => watch.close(),
      async *[Symbol.asyncIterator]() {
        for await (const changes of watch) {
          await until();
          yield changes;
        }
      },
    };
  }
}

const CONFIG = builtInResources.find(({ plural }) => plural === 'configmaps') as (typeof builtInResources)[number];

async function open(reconcile: Controller['reconcile']): Promise<{ objects: LaggingStore; clock: ManualClock; made: () => Promise<string[]>; create: (name: string) => Promise<unknown>; turn: () => Promise<void>; log: string[]; events: () => Promise<string[]> }> {
  const clock = new ManualClock();
  const objects = new LaggingStore(new MemoryStore());
  const registry = new ResourceRegistry(builtInResources);
  const writer = new ObjectWriter({ objects, rulesOf: () => ({}), admission: new Admission([]), fields: new FieldManager(new SchemaSet(schemaPackages)), clock, random: new SeededRandom(1) });
  const log: string[] = [];
  const runtime = new ControllerRuntime({ objects, registry, writer: new LocalWriter(writer, 'test'), clock, timers: clock, log: (line) => log.push(line) });
  runtime.add({ name: 'test', reads: ['configmaps'], writes: ['configmaps'], keysFor: (_resource, { metadata }) => metadata.name === 'wish' ? ['default/wish'] : [], reconcile });
  await runtime.open();
  return {
    objects, clock, log,
    made: async () => (await objects.list(CONFIG, undefined)).items.map(({ metadata }) => metadata.name).filter((name) => name !== 'wish'),
    events: async () => (await objects.list(registry.find('', 'v1', 'events') as typeof CONFIG, undefined)).items.map((event) => `${String(event['type'])} ${String(event['reason'])} ${String(event['message'])}`),
    create: (name) => writer.create(CONFIG, 'default', asObject({ metadata: { name } }), { dryRun: false, user: 'test' }),
    turn: async () => {
      for (let step = 0; step < 40; step += 1) await Promise.resolve();
      clock.advance(10);
    },
  };
}

const make: Write = { kind: 'create', resource: 'configmaps', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-', namespace: 'default' } }, why: 'there is none' };

test('what a plan changed before it failed is seen before it is made anew', async () => {
  const world = await open((_key, view) => {
    if (view.list('configmaps').length > 1) return NOTHING;
    world.objects.hold(true);
    return { writes: [make, { ...make, resource: 'nothing', why: 'it fails' }] };
  });
  await world.create('wish');
  for (let round = 0; round < 20; round += 1) await world.turn();
  assert.equal((await world.made()).length, 1);
  world.objects.hold(false);
  for (let round = 0; round < 20; round += 1) await world.turn();
  assert.equal((await world.made()).length, 1);
  assert.equal(world.log.length, 1);
});

test('a write is told of where it is asked for, and so is what went wrong', async () => {
  const wish = (view: Parameters<Controller['reconcile']>[1]) => view.get('configmaps', 'default', 'wish')!;
  const world = await open((_key, view) => view.list('configmaps').length > 1
    ? { writes: [{ ...make, object: { ...make.object, metadata: { name: 'Not A Name', namespace: 'default' } }, announceOn: wish(view) }] }
    : { writes: [{ ...make, announceOn: wish(view) }], againAfterMs: 5 });
  await world.create('wish');
  for (let round = 0; round < 4; round += 1) await world.turn();
  const [name] = await world.made();
  const told = await world.events();
  assert.ok(told.includes(`Normal SuccessfulCreate Created configmap: ${name}`), told.join());
  assert.ok(told.some((text) => text.startsWith('Warning FailedCreate Error creating: ConfigMap "Not A Name" is invalid')), told.join());
});

test('what nobody can make because its namespace goes is not tried again, and not told', async () => {
  const clock = new ManualClock();
  const objects = new ObjectStore(new MemoryStore());
  const registry = new ResourceRegistry(builtInResources);
  const writer = new ObjectWriter({ objects, rulesOf: () => ({}), admission: new Admission([namespaceLifecycle(objects, registry.find('', 'v1', 'namespaces') as typeof CONFIG)]), fields: new FieldManager(new SchemaSet(schemaPackages)), clock, random: new SeededRandom(1) });
  const options = { dryRun: false, user: 'test' };
  const namespaces = registry.find('', 'v1', 'namespaces') as typeof CONFIG;
  await writer.create(namespaces, undefined, asObject({ metadata: { name: 'going', finalizers: ['example.com/hold'] } }), options);
  await writer.create(CONFIG, 'going', asObject({ metadata: { name: 'wish' } }), options);
  await writer.delete(namespaces, undefined, 'going', {}, options);
  const [log, looks]: [string[], string[]] = [[], []];
  const runtime = new ControllerRuntime({ objects, registry, writer: new LocalWriter(writer, 'test'), clock, timers: clock, log: (line) => log.push(line) });
  runtime.add({
    name: 'test', reads: ['configmaps'], writes: ['configmaps'], keysFor: (_resource, { metadata }) => [metadata.name], reconcile: (key, view) => {
      looks.push(key);
      return { writes: [{ ...make, object: { ...make.object, metadata: { generateName: 'x-', namespace: 'going' } }, announceOn: view.get('configmaps', 'going', 'wish') as never }] };
    },
  });
  await runtime.open();
  for (let step = 0; step < 50; step += 1) {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    clock.advance(1000);
  }
  assert.deepEqual([looks, log], [['wish'], []]);
  runtime.close();
});

test('nothing is looked at before all caches are full', async () => {
  const clock = new ManualClock();
  const late = Promise.withResolvers<void>();
  class LateStore extends ObjectStore {
    override async list(...args: Parameters<ObjectStore['list']>): ReturnType<ObjectStore['list']> {
      if (args[0].plural === 'secrets') await late.promise;
      return await super.list(...args);
    }
  }
  const objects = new LateStore(new MemoryStore());
  const registry = new ResourceRegistry(builtInResources);
  const writer = new ObjectWriter({ objects, rulesOf: () => ({}), admission: new Admission([]), fields: new FieldManager(new SchemaSet(schemaPackages)), clock, random: new SeededRandom(1) });
  await writer.create(CONFIG, 'default', asObject({ metadata: { name: 'a' } }), { dryRun: false, user: 'test' });
  await writer.create(registry.find('', 'v1', 'secrets') as typeof CONFIG, 'default', asObject({ metadata: { name: 'a' } }), { dryRun: false, user: 'test' });
  const runtime = new ControllerRuntime({ objects, registry, writer: new LocalWriter(writer, 'test'), clock, timers: clock, log: () => {} });
  const seen: number[] = [];
  runtime.add({
    name: 'test', reads: ['configmaps', 'secrets'], writes: [], keysFor: () => ['all'], reconcile: (_key, view) => {
      seen.push(view.list('secrets').length);
      return NOTHING;
    },
  });
  const opened = runtime.open();
  for (let step = 0; step < 100; step += 1) await Promise.resolve();
  assert.deepEqual(seen, []);
  late.resolve();
  await opened;
  for (let step = 0; step < 100; step += 1) await Promise.resolve();
  assert.deepEqual(seen, [1]);
});

test('a controller whose writes are held up holds up no other', async () => {
  const clock = new ManualClock();
  const objects = new ObjectStore(new MemoryStore());
  const registry = new ResourceRegistry(builtInResources);
  const writer = new ObjectWriter({ objects, rulesOf: () => ({}), admission: new Admission([]), fields: new FieldManager(new SchemaSet(schemaPackages)), clock, random: new SeededRandom(1) });
  for (let at = 0; at < 100; at += 1) await writer.create(CONFIG, 'default', asObject({ metadata: { name: `c${at}` } }), { dryRun: false, user: 'test' });
  let stuck = 0;
  const never = new Promise<never>(() => {});
  const local = new LocalWriter(writer, 'test');
  const runtime = new ControllerRuntime({
    objects, registry, clock, timers: clock, log: () => {}, writer: { create: async () => { stuck += 1; return await never; }, update: (...args) => local.update(...args), delete: (...args) => local.delete(...args) },
  });
  runtime.add({ name: 'slow', reads: ['configmaps'], writes: ['configmaps'], keysFor: (_resource, { metadata }) => [metadata.name], reconcile: () => ({ writes: [make] }) });
  const looked = new Set<string>();
  runtime.add({
    name: 'other', reads: ['configmaps'], writes: [], keysFor: (_resource, { metadata }) => [metadata.name], reconcile: (key) => {
      looked.add(key);
      return NOTHING;
    },
  });
  await runtime.open();
  for (let step = 0; step < 400; step += 1) await Promise.resolve();
  assert.ok(stuck > 0 && stuck < 100, String(stuck));
  assert.equal(looked.size, 100);
});
