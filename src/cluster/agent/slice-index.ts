import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import { contentOf, isReady } from './service-frontends.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

/** Endpoint slices by their service, `namespace/name`, and by the pods that are ready in them. */
export class SliceIndex {
  readonly #byService = new Map<string, Map<string, KubeObject>>();
  /** Slices by the uid of a pod. */
  readonly #byPod = new Map<string, Set<string>>();
  /** Slices by an address in them, and their services. */
  readonly #byAddress = new Map<string, Map<string, string>>();
  readonly #listeners: ((service: string) => void)[] = [];

  constructor(slices: ObjectCache) {
    slices.onChange((slice, previous) => {
      if (previous !== undefined) this.#drop(previous);
      if (slice !== previous) this.#add(slice);
      // A label may have changed hands.
      for (const service of new Set([serviceOf(slice), serviceOf(previous ?? slice)])) {
        if (service !== undefined) for (const listener of this.#listeners) listener(service);
      }
    });
  }

  onChange(listener: (service: string) => void): void {
    this.#listeners.push(listener);
  }

  of(service: string): readonly KubeObject[] {
    return [...this.#byService.get(service)?.values() ?? []];
  }

  /** Whether a slice says that this pod is ready. */
  lists(podUid: string): boolean {
    return this.#byPod.has(podUid);
  }

  /** Services that have an endpoint with this address. */
  servicesAt(address: string): Iterable<string> {
    return new Set(this.#byAddress.get(address)?.values() ?? []);
  }

  #add(slice: KubeObject): void {
    const service = serviceOf(slice);
    if (service === undefined) return;
    const slices = this.#byService.get(service) ?? new Map<string, KubeObject>();
    this.#byService.set(service, slices.set(keyOf(slice), slice));
    for (const [uid] of podsOf(slice)) this.#byPod.set(uid, (this.#byPod.get(uid) ?? new Set()).add(keyOf(slice)));
    for (const address of addressesOf(slice)) this.#byAddress.set(address, (this.#byAddress.get(address) ?? new Map()).set(keyOf(slice), service));
  }

  #drop(slice: KubeObject): void {
    const service = serviceOf(slice);
    if (service === undefined) return;
    const slices = this.#byService.get(service);
    slices?.delete(keyOf(slice));
    if (slices?.size === 0) this.#byService.delete(service);
    for (const [uid] of podsOf(slice)) {
      const listed = this.#byPod.get(uid);
      listed?.delete(keyOf(slice));
      if (listed?.size === 0) this.#byPod.delete(uid);
    }
    for (const address of addressesOf(slice)) {
      const listed = this.#byAddress.get(address);
      listed?.delete(keyOf(slice));
      if (listed?.size === 0) this.#byAddress.delete(address);
    }
  }
}

/** Pods that a slice says are ready, with their keys by uid. */
export function podsOf(slice: KubeObject): (readonly [string, string])[] {
  return (contentOf(slice).endpoints ?? []).flatMap((endpoint) => {
    const { kind, name, uid, namespace = slice.metadata.namespace } = endpoint.targetRef ?? {};
    return kind === 'Pod' && uid !== undefined && isReady(endpoint) ? [[uid, `${namespace ?? ''}/${name ?? ''}`] as const] : [];
  });
}

function addressesOf(slice: KubeObject): readonly string[] {
  return (contentOf(slice).endpoints ?? []).flatMap(({ addresses }) => addresses);
}

function serviceOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME];
  return name === undefined ? undefined : `${metadata.namespace ?? ''}/${name}`;
}
