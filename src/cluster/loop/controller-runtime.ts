import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { Clock, Timers } from '#base/clock.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import type { ObjectStore } from '#cluster/api/object-store.ts';
import { hasCause, NAMESPACE_TERMINATING } from '#cluster/api/status.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import { type Controller, type ResourceName, type View, type Write } from './controller.ts';
import { EventRecorder } from './event-recorder.ts';
import { ObjectCache } from './object-cache.ts';
import { WorkQueue } from './work-queue.ts';

export interface RuntimeParts {
  readonly objects: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly writer: ClusterWriter;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

const NS_PER_MS = 1_000_000n;
/** Plans carried out at a time, over all controllers; and of one, so that what holds its writes up, such as a webhook, holds up no other. */
const MOST_AT_WORK = 64;
const MOST_OF_ONE = 8;
const CATCH_UP_MS = 5;

interface Running {
  readonly controller: Controller;
  readonly queue: WorkQueue;
  readonly view: View;
  readonly caches: Map<ResourceName, ObjectCache>;
  /** The revision that a key's own last changes made: it is not looked at before the caches have them. */
  readonly wroteAt: Map<string, number>;
  /** Why the last plan of a key failed. */
  readonly failures: Map<string, string>;
  atWork: number;
}

/** Runs controllers over shared caches: one list and watch a resource, however many read it. */
export class ControllerRuntime {
  readonly #parts: RuntimeParts;
  readonly #caches = new Map<ResourceName, ObjectCache>();
  readonly #running: Running[] = [];
  readonly #recorder: EventRecorder;
  #atWork = 0;
  #isScheduled = false;
  #isOpen = false;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.#recorder = new EventRecorder(parts.writer);
  }

  add(controller: Controller): void {
    const caches = new Map(controller.reads.map((name) => [name, this.#cache(name)] as const));
    const cacheOf = (name: ResourceName): ObjectCache => {
      const cache = caches.get(name);
      if (cache === undefined) throw new GantryError('internal', `controller ${controller.name} reads ${name}, which it does not declare`);
      return cache;
    };
    const view: View = {
      list: (name, namespace) => cacheOf(name).list(namespace), get: (name, namespace, object) => cacheOf(name).get(namespace, object),
      byUid: (name, uid) => cacheOf(name).byUid(uid), ownedBy: (name, uid) => cacheOf(name).ownedBy(uid),
      indexed: (name, index, key) => cacheOf(name).indexed(index, key),
    };
    const queue = new WorkQueue(this.#parts.timers, this.#parts.clock, () => this.#schedule());
    const running: Running = { controller, queue, view, caches, wroteAt: new Map(), failures: new Map(), atWork: 0 };
    for (const [name, cache] of caches) listen(running, name, cache);
    this.#running.push(running);
  }

  /** Takes up a resource that is served from now on, for controllers that read it beside what they declared. */
  async follow(of: ResourceDefinition, controllers: readonly Controller[]): Promise<void> {
    const name = `${of.group}/${of.plural}`;
    if (this.#caches.has(name)) return;
    const cache = new ObjectCache(of, this.#parts.objects, () => this.#schedule(), this.#parts);
    this.#caches.set(name, cache);
    for (const running of this.#running) {
      if (!controllers.includes(running.controller)) continue;
      running.caches.set(name, cache);
      listen(running, name, cache);
    }
    await cache.open();
  }

  /** Lets go of a resource that is served no more. */
  forget(name: ResourceName): void {
    this.#caches.get(name)?.close();
    this.#caches.delete(name);
    for (const { caches } of this.#running) caches.delete(name);
  }

  /** A look at what the controllers see, for the agent and for tests. */
  cache(name: ResourceName): ObjectCache {
    return this.#cache(name);
  }

  async open(): Promise<void> {
    for (const cache of this.#caches.values()) await cache.open();
    // Not before all are full: a controller would take for gone what another cache has yet to hear of.
    this.#isOpen = true;
    this.#schedule();
  }

  close(): void {
    this.#isOpen = false;
    for (const { queue } of this.#running) queue.close();
    for (const cache of this.#caches.values()) cache.close();
  }

  #cache(name: ResourceName): ObjectCache {
    const known = this.#caches.get(name);
    if (known !== undefined) return known;
    const cache = new ObjectCache(this.#definition(name), this.#parts.objects, () => this.#schedule(), this.#parts);
    this.#caches.set(name, cache);
    return cache;
  }

  #definition(name: ResourceName): ResourceDefinition {
    const slash = name.lastIndexOf('/');
    const [group, plural] = [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
    const found = this.#parts.registry.list().find((each) => each.group === group && each.plural === plural);
    if (found === undefined) throw new GantryError('internal', `no resource ${name} is served`);
    return found;
  }

  #schedule(): void {
    if (this.#isScheduled || !this.#isOpen) return;
    this.#isScheduled = true;
    void Promise.resolve().then(() => {
      this.#isScheduled = false;
      this.#start();
    });
  }

  #start(): void {
    for (const running of this.#running) {
      const behind: string[] = [];
      while (this.#atWork < MOST_AT_WORK && running.atWork < MOST_OF_ONE && this.#isOpen) {
        const key = running.queue.take();
        if (key === undefined) break;
        if (isBehind(running, key)) behind.push(key);
        else void this.#work(running, key);
      }
      for (const key of behind) running.queue.putBack(key);
      // Progress of a cache schedules anew; one that has nothing to tell makes it without a word.
      if (behind.length > 0) this.#parts.timers.after(CATCH_UP_MS, () => this.#schedule());
    }
  }

  async #work(running: Running, key: string): Promise<void> {
    const { controller, queue, view, wroteAt, failures } = running;
    this.#atWork += 1;
    running.atWork += 1;
    wroteAt.delete(key);
    let outcome: 'done' | 'failed' = 'done';
    try {
      const plan = controller.reconcile(key, view, this.#nowMs(), failures.get(key));
      for (const write of plan.writes) {
        const written = await this.#announced(controller, write);
        // Also of a plan that fails further on: what it has changed must be seen before it is made anew.
        if (written !== undefined && write.kind !== 'event') wroteAt.set(key, Math.max(wroteAt.get(key) ?? 0, Number(written.metadata.resourceVersion)));
      }
      failures.delete(key);
      if (plan.againAfterMs !== undefined) queue.addAfter(key, plan.againAfterMs);
    } catch (thrown) {
      // Somebody else was faster, or it is gone: the caches will say so, and it is looked at again.
      if (hasCause(thrown, NAMESPACE_TERMINATING)) {
        // What it wants to keep goes, and it with it: there is nothing to try again, and nobody to tell.
        failures.delete(key);
        return;
      }
      if (!isKind(thrown, 'conflict', 'not-found')) {
        this.#parts.log(`${controller.name} ${key}: ${messageOf(thrown)}`);
        failures.set(key, messageOf(thrown));
      }
      outcome = 'failed';
    } finally {
      this.#atWork -= 1;
      running.atWork -= 1;
      queue.done(key, outcome);
    }
  }

  #nowMs(): number {
    return Number(this.#parts.clock.nowNs() / NS_PER_MS);
  }

  /** Writes, and tells of it, also of what went wrong, where the write asks for that. */
  async #announced(controller: Controller, write: Write): Promise<KubeObject | undefined> {
    const about = write.kind === 'create' || write.kind === 'delete' ? write.announceOn : undefined;
    if (about === undefined) return await this.#write(controller, write);
    const [verb, past] = write.kind === 'create' ? ['Create', 'Created'] : ['Delete', 'Deleted'];
    const tell = async (type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> => void await this.#write(controller, { kind: 'event', about, type, reason, message, why: write.why });
    try {
      const written = await this.#write(controller, write);
      await tell('Normal', `Successful${verb}`, `${past} ${written?.kind.toLowerCase()}: ${written?.metadata.name}`);
      return written;
    } catch (thrown) {
      if (!isKind(thrown, 'conflict', 'not-found') && !hasCause(thrown, NAMESPACE_TERMINATING)) await tell('Warning', `Failed${verb}`, `Error ${write.kind === 'create' ? 'creating' : 'deleting'}: ${messageOf(thrown)}`);
      throw thrown;
    }
  }

  async #write(controller: Controller, write: Write): Promise<KubeObject | undefined> {
    const { writer } = this.#parts;
    if (write.kind === 'event') {
      return await this.#recorder.tell(this.#definition('events'), controller.name, write, this.#nowMs());
    }
    if (!controller.writes.includes(write.resource)) throw new GantryError('internal', `controller ${controller.name} writes ${write.resource}, which it does not declare`);
    const of = this.#definition(write.resource);
    switch (write.kind) {
      case 'create': return await writer.create(of, write.object.metadata.namespace, write.object);
      case 'update': return await writer.update(of, write.object, undefined);
      case 'status': return await writer.update(of, write.object, 'status');
      case 'delete': return await writer.delete(of, write.object, { ...(write.propagation === undefined ? {} : { propagation: write.propagation }), ...(write.graceSeconds === undefined ? {} : { graceSeconds: write.graceSeconds }) });
    }
  }
}

function isBehind({ wroteAt, caches }: Running, key: string): boolean {
  const revision = wroteAt.get(key) ?? 0;
  return [...caches.values()].some((cache) => cache.position() < revision);
}

/** What an object was concerns those that it belonged to: a label or an owner may be gone. */
function listen({ controller, queue, view }: Running, name: ResourceName, cache: ObjectCache): void {
  cache.onChange((object, previous) => {
    for (const each of previous === undefined || previous === object ? [object] : [object, previous]) controller.keysFor(name, each, view).forEach((key) => queue.add(key));
  });
}
