import type { Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { RefusedPorts, ServicesPort } from '#container/engine/port.ts';
import type { Frontend } from '#net/service/model.ts';
import type { ServiceBalancer } from './service-balancer.ts';
import { frontendsOf } from './service-frontends.ts';
import { podsOf, SliceIndex } from './slice-index.ts';

export interface ProxyParts {
  readonly nodeName: string;
  /** Addresses of services. */
  readonly range: string;
  readonly services: ObjectCache;
  readonly slices: SliceIndex;
  readonly engine: ServicesPort;
  readonly balancer: ServiceBalancer;
  /** The node's, for others. */
  readonly address: string;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 30_000;
/** A port that others have may be free by then. */
const REFUSED_RETRY_MS = 10_000;

/** Keeps the kernel's table of services as services and their endpoints are, many changes in one transaction. */
export class ServiceProxy {
  readonly #parts: ProxyParts;
  readonly #dirty = new Set<string>();
  /** Pods that new connections may go to, by service, as the kernel has it; and the services by the uid of a pod. */
  readonly #served = new Map<string, ReadonlyMap<string, string>>();
  readonly #serving = new Map<string, Set<string>>();
  readonly #listeners: ((podKey: string) => void)[] = [];
  /** Services that lack a port of the node. */
  #refused: RefusedPorts = new Map();
  #isToTry = false;
  #isAtWork = false;
  #isOpen = false;

  constructor(parts: ProxyParts) {
    this.#parts = parts;
    parts.services.onChange((service, previous) => {
      if (service === previous) parts.balancer.forget(service.metadata.uid);
      this.#note(keyOf(service));
    });
    parts.slices.onChange((service) => this.#note(service));
  }

  /** The whole table, once the caches are filled. */
  async open(): Promise<void> {
    const { services, engine, range } = this.#parts;
    const keys = services.list().map(keyOf);
    this.#dirty.clear();
    const refused = await engine.replace(range, new Map(keys.map((key) => [key, this.#frontends(key)])));
    for (const key of keys) this.#tell(key, this.#podsOf(key));
    this.#isOpen = true;
    this.#balance(keys, refused);
    this.#wake();
  }

  close(): void {
    this.#isOpen = false;
  }

  /** Whether a new connection to any service may still be sent to the pod, or will be before long. */
  leadsTo({ metadata: { uid } }: KubeObject): boolean {
    return this.#parts.slices.lists(uid) || this.#serving.has(uid);
  }

  /** Calls back with the key of a pod that a service no longer leads to. */
  onWithdrawn(listener: (podKey: string) => void): void {
    this.#listeners.push(listener);
  }

  #note(service: string): void {
    this.#dirty.add(service);
    this.#wake();
  }

  #wake(): void {
    if (!this.#isOpen || this.#isAtWork || this.#dirty.size === 0) return;
    this.#isAtWork = true;
    void Promise.resolve().then(() => this.#work(FIRST_RETRY_MS));
  }

  async #work(retryMs: number): Promise<void> {
    // What some give back may be what others wait for.
    const keys = [...new Set([...this.#dirty, ...this.#refused.keys()])];
    this.#dirty.clear();
    const served = new Map(keys.map((key) => [key, this.#podsOf(key)]));
    try {
      const refused = await this.#parts.engine.put(new Map(keys.map((key) => [key, this.#frontends(key)])));
      this.#isAtWork = false;
      this.#balance(keys, refused);
    } catch (thrown) {
      this.#parts.log(`services could not be changed: ${messageOf(thrown)}; trying again in ${retryMs} ms`);
      for (const key of keys) this.#dirty.add(key);
      this.#parts.timers.after(retryMs, () => this.#isOpen ? void this.#work(Math.min(retryMs * 2, LONGEST_RETRY_MS)) : undefined);
      return;
    }
    for (const [key, pods] of served) this.#tell(key, pods);
    this.#wake();
  }

  #balance(keys: readonly string[], refused: RefusedPorts): void {
    const { balancer, services, timers, log } = this.#parts;
    this.#refused = refused;
    for (const key of keys) {
      const [namespace, name = ''] = key.split('/');
      const service = services.get(namespace, name);
      if (service !== undefined) void balancer.tell(service, refused.get(key) ?? []).catch((thrown: unknown) => log(`service ${key}: ${messageOf(thrown)}`));
    }
    if (refused.size > 0) this.#tryRefused(timers);
  }

  #tryRefused(timers: Timers): void {
    if (this.#isToTry) return;
    this.#isToTry = true;
    timers.after(REFUSED_RETRY_MS, () => {
      this.#isToTry = false;
      for (const key of this.#refused.keys()) this.#note(key);
    });
  }

  #tell(service: string, pods: ReadonlyMap<string, string>): void {
    const before = this.#served.get(service) ?? new Map<string, string>();
    if (pods.size === 0) this.#served.delete(service);
    else this.#served.set(service, pods);
    for (const uid of pods.keys()) this.#serving.set(uid, (this.#serving.get(uid) ?? new Set()).add(service));
    for (const [uid, key] of before) {
      if (pods.has(uid)) continue;
      const services = this.#serving.get(uid);
      services?.delete(service);
      if (services?.size === 0) this.#serving.delete(uid);
      for (const listener of this.#listeners) listener(key);
    }
  }

  #frontends(key: string): readonly Frontend[] {
    const { services, slices, nodeName, address } = this.#parts;
    const [namespace, name = ''] = key.split('/');
    const service = services.get(namespace, name);
    return service === undefined ? [] : frontendsOf(service, slices.of(key), nodeName, address);
  }

  #podsOf(key: string): ReadonlyMap<string, string> {
    return new Map(this.#parts.slices.of(key).flatMap(podsOf));
  }
}
