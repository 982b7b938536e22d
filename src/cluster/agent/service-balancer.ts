import type { JsonObject } from '#base/json.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { isBalancedHere, serviceSpec } from './service-frontends.ts';

export interface BalancerWrites {
  serviceStatus(service: KubeObject, status: JsonObject): Promise<void>;
  serviceEvent(service: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void>;
}

/**
 * What a service says of its balancer, which is the node itself: the node's address, once all of its ports are served there. Undefined
 * where there is nothing to change: somebody else balances it.
 * @param refused ports of the node that others have, as `80/tcp`
 */
export function balancedStatus(service: KubeObject, refused: readonly string[], address: string): JsonObject | undefined {
  const spec = serviceSpec(service);
  const status = (service['status'] ?? {}) as { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } } & JsonObject;
  const { ingress = [] } = status.loadBalancer ?? {};
  const isServed = !(spec.ports ?? []).some(({ port, protocol = 'TCP' }) => refused.includes(`${port}/${protocol.toLowerCase()}`));
  const own = [{ ip: address, ipMode: 'VIP' }];
  if (spec.type === 'LoadBalancer' && !isBalancedHere(spec)) return undefined;
  // What is no balancer any more has none; what another wrote there is left where it is a balancer still.
  const wanted = !isBalancedHere(spec) ? [] : isServed ? own : ingress.filter(({ ip }) => ip !== address);
  const isOthers = isBalancedHere(spec) && ingress.some(({ ip }) => ip !== address);
  return isOthers || same(ingress, wanted) ? undefined : { ...status, loadBalancer: wanted.length === 0 ? {} : { ingress: wanted } };
}

/** Tells services where they are balanced, and which of their ports others have. */
export class ServiceBalancer {
  readonly #writes: BalancerWrites;
  readonly #address: string;
  readonly #told = new Map<string, string>();

  /** @param address the node's own, for others */
  constructor(writes: BalancerWrites, address: string) {
    this.#writes = writes;
    this.#address = address;
  }

  async tell(service: KubeObject, refused: readonly string[]): Promise<void> {
    const { uid } = service.metadata;
    const status = balancedStatus(service, refused, this.#address);
    if (status !== undefined) await this.#writes.serviceStatus(service, status);
    const text = refused.join(', ');
    if ((this.#told.get(uid) ?? '') === text) return;
    if (text === '') {
      this.#told.delete(uid);
      return;
    }
    this.#told.set(uid, text);
    await this.#writes.serviceEvent(service, 'Warning', 'PortTaken', `a program or a container of the node has ${text}: the service is not reached there; it is tried again`);
  }

  forget(uid: string): void {
    this.#told.delete(uid);
  }
}
