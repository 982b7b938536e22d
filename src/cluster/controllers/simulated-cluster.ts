import type { Json, JsonObject } from '#base/json.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { Admission } from '#cluster/api/admission.ts';
import { FieldManager } from '#cluster/api/apply/field-manager.ts';
import { ObjectStore, withVersion } from '#cluster/api/object-store.ts';
import { ObjectWriter } from '#cluster/api/object-writer.ts';
import { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { asObject, timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { LocalWriter } from '#cluster/loop/local-writer.ts';
import type { Controller } from '#cluster/loop/controller.ts';
import { ControllerRuntime } from '#cluster/loop/controller-runtime.ts';
import { FaultyWriter } from './faulty-writer.ts';
import { MemoryStore } from '#store/memory.ts';

const OPTIONS = { dryRun: false, user: 'test' };

/** A cluster in memory: a store, controllers, and nodes that do as they are told. Time goes on only in `settle`. */
export class SimulatedCluster {
  readonly clock = new ManualClock();
  readonly objects = new ObjectStore(new MemoryStore());
  readonly log: string[] = [];
  /** What controllers write with. */
  readonly faults: FaultyWriter;
  runtime: ControllerRuntime;
  readonly #controllers: readonly Controller[];
  readonly writer: ObjectWriter;
  readonly #registry = new ResourceRegistry(builtInResources);

  /** @param faultRate of 256 changes that controllers make, so many fail */
  constructor(controllers: readonly Controller[], seed = 1, faultRate = 0) {
    this.#controllers = controllers;
    this.writer = new ObjectWriter({ objects: this.objects, rulesOf, admission: new Admission([]), fields: new FieldManager(new SchemaSet(schemaPackages)), clock: this.clock, random: new SeededRandom(seed) });
    this.faults = new FaultyWriter(new LocalWriter(this.writer, 'controllers'), new SeededRandom(seed + 1), faultRate);
    this.runtime = this.#newRuntime();
  }

  #newRuntime(): ControllerRuntime {
    const { objects, clock, faults } = this;
    const runtime = new ControllerRuntime({ objects, registry: this.#registry, writer: faults, clock, timers: clock, log: (line) => this.log.push(line) });
    for (const controller of this.#controllers) runtime.add(controller);
    return runtime;
  }

  /** All controllers end where they are, and others take their place. */
  async restart(): Promise<void> {
    this.runtime.close();
    this.runtime = this.#newRuntime();
    await this.runtime.open();
  }

  now(): string {
    return timeText(Number(this.clock.nowNs() / 1_000_000n));
  }

  definition(resource: string): ResourceDefinition {
    const slash = resource.lastIndexOf('/');
    const found = this.#registry.list().find(({ group, plural }) => group === resource.slice(0, Math.max(slash, 0)) && plural === resource.slice(slash + 1));
    if (found === undefined) throw new TypeError(`no resource ${resource}`);
    return found;
  }

  async create(resource: string, object: JsonObject): Promise<KubeObject> {
    const of = this.definition(resource);
    return await this.writer.create(of, of.namespaced ? 'default' : undefined, asObject({ apiVersion: of.group === '' ? of.version : `${of.group}/${of.version}`, kind: of.kind, ...object }), OPTIONS);
  }

  async change(resource: string, name: string, change: (object: KubeObject) => KubeObject, subresource?: 'status'): Promise<KubeObject> {
    const of = this.definition(resource);
    return await this.writer.update(of, of.namespaced ? 'default' : undefined, name, subresource, change, OPTIONS);
  }

  /** As `change`, on top of whatever a controller wrote at the same time. */
  async patch(resource: string, name: string, change: (object: KubeObject) => KubeObject): Promise<KubeObject> {
    return await this.change(resource, name, (object) => withVersion(change(object), ''));
  }

  async delete(resource: string, name: string, propagationPolicy = 'Background'): Promise<void> {
    const of = this.definition(resource);
    await this.writer.delete(of, of.namespaced ? 'default' : undefined, name, { propagationPolicy }, OPTIONS);
  }

  async list(resource: string): Promise<readonly KubeObject[]> {
    return (await this.objects.list(this.definition(resource), undefined)).items;
  }

  async get(resource: string, name: string): Promise<KubeObject> {
    const of = this.definition(resource);
    return await this.objects.get(of, of.namespaced ? 'default' : undefined, name);
  }

  async bind(pod: string, node: string): Promise<void> {
    await this.writer.update(this.definition('pods'), 'default', pod, 'binding', (current) => ({ ...current, spec: { ...current['spec'] as object, nodeName: node } }), OPTIONS);
  }

  /** The node has ended a pod: without its finalizers, the object goes. */
  async release(pod: string): Promise<void> {
    await this.writer.delete(this.definition('pods'), 'default', pod, { gracePeriodSeconds: 0 }, OPTIONS);
  }

  /** The pod runs, and is ready. */
  async bringUp(pod: KubeObject): Promise<void> {
    await this.change('pods', pod.metadata.name, (current) => ({
      ...current, status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: this.now() }] },
    }), 'status');
  }

  /** Until nothing has changed for a few turns: microtasks run dry, then time goes on a little. */
  async settle(steps = 30): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
      this.clock.advance(10);
    }
  }
}

export const spec = (object: KubeObject): Record<string, Json> => object['spec'] as Record<string, Json>;
export const status = (object: KubeObject): Record<string, Json> => (object['status'] ?? {}) as Record<string, Json>;
