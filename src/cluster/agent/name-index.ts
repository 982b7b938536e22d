import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { NamedObjects } from './cluster-names.ts';
import type { SliceIndex } from './slice-index.ts';

/** What names are made of, from the caches. Only addresses are kept: all else is where it was. */
export class NameIndex implements NamedObjects {
  readonly #services: ObjectCache;
  readonly #slices: SliceIndex;
  readonly #pods: ObjectCache;
  readonly #namespaces: ObjectCache;
  /** Services by their address. */
  readonly #byAddress = new Map<string, string>();

  constructor({ services, slices, pods, namespaces }: { readonly services: ObjectCache; readonly slices: SliceIndex; readonly pods: ObjectCache; readonly namespaces: ObjectCache }) {
    this.#services = services;
    this.#slices = slices;
    this.#pods = pods;
    this.#namespaces = namespaces;
    services.onChange((service, previous) => {
      const old = addressOf(previous);
      if (old !== undefined && this.#byAddress.get(old) === keyOf(previous ?? service)) this.#byAddress.delete(old);
      const address = service === previous ? undefined : addressOf(service);
      if (address !== undefined) this.#byAddress.set(address, keyOf(service));
    });
  }

  service(namespace: string, name: string): KubeObject | undefined {
    return this.#services.get(namespace, name);
  }

  slices(service: string): readonly KubeObject[] {
    return this.#slices.of(service);
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.get(undefined, name) !== undefined;
  }

  hasPod(namespace: string, address: string): boolean {
    return this.#pods.list(namespace).some((pod) => (pod['status'] as { readonly podIP?: string } | undefined)?.podIP === address);
  }

  servicesAt(address: string): Iterable<string> {
    const own = this.#byAddress.get(address);
    return own === undefined ? this.#slices.servicesAt(address) : [own];
  }
}

function addressOf(service: KubeObject | undefined): string | undefined {
  return (service?.['spec'] as { readonly clusterIP?: string } | undefined)?.clusterIP;
}
