import type { ServiceRoutes } from '#cluster/agent/agent.ts';
import { openHealthDoor } from '#cluster/agent/edge/health-door.ts';
import { HealthPorts } from '#cluster/agent/health-ports.ts';
import { ServiceBalancer, type BalancerWrites } from '#cluster/agent/service-balancer.ts';
import { ServiceProxy } from '#cluster/agent/service-proxy.ts';
import type { SliceIndex } from '#cluster/agent/slice-index.ts';
import { serviceAllocation } from '#cluster/api/admission/service-allocation.ts';
import type { AdmissionPlugin } from '#cluster/api/admission.ts';
import { Claims } from '#cluster/api/claims.ts';
import { ServiceClaims } from '#cluster/api/service-claims.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { serviceRules } from '#cluster/kinds/rules/service.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import { noteServiceRange, type ServiceRange } from './service-range.ts';

/** Addresses of services: given out, and made to lead somewhere. */
export interface ProxyPart extends ClusterPart {
  readonly routes: ServiceRoutes;
  readonly plugins: readonly AdmissionPlugin[];
}

export async function proxyPart(core: ClusterCore, range: ServiceRange, slices: SliceIndex, writes: BalancerWrites): Promise<ProxyPart> {
  const { store, runtime, view, node, hostIp, engine, clock, timers, random, log } = core;
  const claims = new Claims(store);
  await claims.open();
  const validate = (service: KubeObject, old: KubeObject | undefined) => [...serviceRules.validate?.(service) ?? [], ...(old === undefined ? [] : serviceRules.validateUpdate?.(service, old) ?? [])];
  const services = runtime.cache('services');
  const released = new ServiceClaims({ claims, services: () => view.list('services'), clock, timers, log });
  services.onChange((object, previous) => released.onChange(object === previous ? undefined : object, previous));
  const proxy = new ServiceProxy({ nodeName: node, range: range.text, services, slices, engine: engine.services, balancer: new ServiceBalancer(writes, hostIp), address: hostIp, timers, log: (line) => log(`proxy: ${line}`) });
  const health = new HealthPorts({ nodeName: node, services, slices, open: openHealthDoor, timers, log: (line) => log(`proxy: ${line}`) });
  return {
    name: 'service proxy',
    routes: proxy, plugins: [serviceAllocation({ claims, range: range.cidr, view, validate, clock, random })],
    async open() {
      await noteServiceRange(core, range);
      await released.open();
      await proxy.open();
      health.open();
    },
    close() {
      health.close();
      proxy.close();
      released.close();
    },
  };
}
