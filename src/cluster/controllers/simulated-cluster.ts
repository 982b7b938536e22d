import type { Json, JsonObject } from '#base/json.ts';
import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import { Admission } from '#cluster/api/admission.ts';
import { FieldManager } from '#cluster/api/apply/field-manager.ts';
import { ObjectStore } from '#cluster/api/object-store.ts';
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
import { MemoryStore } from '#store/memory.ts';

const OPTIONS = { dryRun: false, user: 'test' };

/** A cluster in memory: a store, controllers, and nodes that do as they are told. Time goes on only in `settle`. */
export class SimulatedCluster {
  readonly clock = new ManualClock();
  readonly objects: ObjectStore;
  readonly runtime: ControllerRuntime;
  readonly log: string[] = [];
  readonly #writer: ObjectWriter;
  readonly #registry = new ResourceRegistry(builtInResources);

  constructor(controllers: readonly Controller[], seed = 1) {
    this.objects = new ObjectStore(new MemoryStore());
    this.#writer = new ObjectWriter({ objects: this.objects, rulesOf, admission: new Admission([]), fields: new FieldManager(new SchemaSet(schemaPackages)), clock: this.clock, random: new SeededRandom(seed) });
    const { objects, clock } = this;
    this.runtime = new ControllerRuntime({ objects, registry: this.#registry, writer: new LocalWriter(this.#writer, 'controllers'), clock, timers: clock, log: (line) => this.log.push(line) });
    for (const controller of controllers) this.runtime.add(controller);
  }

  definition(resource: string): ResourceDefinition {
    const slash = resource.lastIndexOf('/');
    const found = this.#registry.list().find(({ group, plural }) => group === resource.slice(0, Math.max(slash, 0)) && plural === resource.slice(slash + 1));
    if (found === undefined) throw new TypeError(`no resource ${resource}`);
    return found;
  }

  async create(resource: string, object: JsonObject): Promise<KubeObject> {
    const of = this.definition(resource);
    return await this.#writer.create(of, of.namespaced ? 'default' : undefined, asObject({ apiVersion: of.group === '' ? of.version : `${of.group}/${of.version}`, kind: of.kind, ...object }), OPTIONS);
  }

  async change(resource: string, name: string, change: (object: KubeObject) => KubeObject, subresource?: 'status'): Promise<KubeObject> {
    const of = this.definition(resource);
    return await this.#writer.update(of, of.namespaced ? 'default' : undefined, name, subresource, change, OPTIONS);
  }

  async delete(resource: string, name: string, propagationPolicy = 'Background'): Promise<void> {
    const of = this.definition(resource);
    await this.#writer.delete(of, of.namespaced ? 'default' : undefined, name, { propagationPolicy }, OPTIONS);
  }

  async list(resource: string): Promise<readonly KubeObject[]> {
    return (await this.objects.list(this.definition(resource), undefined)).items;
  }

  async get(resource: string, name: string): Promise<KubeObject> {
    const of = this.definition(resource);
    return await this.objects.get(of, of.namespaced ? 'default' : undefined, name);
  }

  /** Every pod runs, and is ready. */
  async bringUp(pod: KubeObject): Promise<void> {
    await this.change('pods', pod.metadata.name, (current) => ({
      ...current, status: { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(Number(this.clock.nowNs() / 1_000_000n)) }] },
    }), 'status');
  }

  /** Until nothing has changed for a few turns: microtasks run dry, then time goes on a little. */
  async settle(steps = 30): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      this.clock.advance(10);
    }
  }
}

export const spec = (object: KubeObject): Record<string, Json> => object['spec'] as Record<string, Json>;
export const status = (object: KubeObject): Record<string, Json> => (object['status'] ?? {}) as Record<string, Json>;
