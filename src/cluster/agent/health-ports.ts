import type { Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { hasHealthPort, healthPortOf } from '#cluster/kinds/rules/health-port.ts';
import { keyOf } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import { contentOf, isReady } from './service-frontends.ts';
import type { SliceIndex } from './slice-index.ts';

/** What a balancer is told of a service on this node. */
export interface HealthAnswer {
  readonly namespace: string;
  readonly name: string;
  readonly localEndpoints: number;
}

/** A door of the node at which balancers ask. */
export interface HealthDoor {
  close(): void;
}

export interface HealthPortsParts {
  readonly nodeName: string;
  readonly services: Pick<ObjectCache, 'onChange' | 'list' | 'get'>;
  readonly slices: Pick<SliceIndex, 'of'>;
  /** Opens a port on every address of the node. @throws GantryError where another program has it */
  readonly open: (port: number, answer: () => HealthAnswer) => Promise<HealthDoor>;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

/** A port that others have may be free by then. */
const RETRY_MS = 10_000;

/**
 * Says for each service with `externalTrafficPolicy: Local` and a balancer whether somebody on this node serves it, at its `healthCheckNodePort`
 * (kube-proxy, pkg/proxy/healthcheck/service_health.go).
 */
export class HealthPorts {
  readonly #parts: HealthPortsParts;
  /** By the service; a door that is being opened has its number and no door yet. */
  readonly #doors = new Map<string, { readonly port: number; door?: HealthDoor }>();
  #isOpen = false;

  constructor(parts: HealthPortsParts) {
    this.#parts = parts;
    parts.services.onChange((service) => this.#look(keyOf(service)));
  }

  open(): void {
    this.#isOpen = true;
    for (const service of this.#parts.services.list()) this.#look(keyOf(service));
  }

  close(): void {
    this.#isOpen = false;
    for (const { door } of this.#doors.values()) door?.close();
    this.#doors.clear();
  }

  #look(key: string): void {
    if (!this.#isOpen) return;
    const port = this.#portOf(key);
    const present = this.#doors.get(key);
    if (present?.port === port) return;
    present?.door?.close();
    this.#doors.delete(key);
    if (port !== undefined) void this.#openDoor(key, port);
  }

  async #openDoor(key: string, port: number): Promise<void> {
    const { open, timers, log } = this.#parts;
    const entry: { readonly port: number; door?: HealthDoor } = { port };
    this.#doors.set(key, entry);
    try {
      const door = await open(port, () => this.#answer(key));
      if (this.#doors.get(key) === entry) entry.door = door;
      else door.close();
    } catch (thrown) {
      log(`service ${key}: its healthCheckNodePort ${port} can't be opened, and is tried again: ${messageOf(thrown)}`);
      timers.after(RETRY_MS, () => {
        if (this.#doors.get(key) !== entry) return;
        this.#doors.delete(key);
        this.#look(key);
      });
    }
  }

  #portOf(key: string): number | undefined {
    const service = this.#service(key);
    const spec = (service?.['spec'] ?? {}) as JsonObject;
    return hasHealthPort(spec) && healthPortOf(spec) !== 0 ? healthPortOf(spec) : undefined;
  }

  #answer(key: string): HealthAnswer {
    const { slices, nodeName } = this.#parts;
    const [namespace = '', name = ''] = key.split('/');
    const local = slices.of(key).flatMap((slice) => contentOf(slice).endpoints ?? []).filter((endpoint) => endpoint.nodeName === nodeName && isReady(endpoint));
    return { namespace, name, localEndpoints: new Set(local.map(({ addresses }) => addresses[0])).size };
  }

  #service(key: string): KubeObject | undefined {
    const [namespace, name = ''] = key.split('/');
    return this.#parts.services.get(namespace, name);
  }
}
