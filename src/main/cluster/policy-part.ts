import { PolicyKeeper, type PodIsolation } from '#cluster/agent/policy/policy-keeper.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';

/** Network policies, kept by the kernel. */
export interface PolicyPart extends ClusterPart {
  readonly isolation: PodIsolation;
}

export function policyPart({ runtime, node, engine, timers, log }: ClusterCore): PolicyPart {
  const address6Of = (uid: string): string | undefined => {
    const sandbox = engine.containers.list().find(({ spec, state }) => spec.owner.front === 'cluster' && spec.owner.name === uid && state.endpoints.length > 0);
    return sandbox?.state.endpoints[0]?.ipv6?.address;
  };
  const keeper = new PolicyKeeper({
    nodeName: node, pods: runtime.cache('pods'), namespaces: runtime.cache('namespaces'), policies: runtime.cache('networking.k8s.io/networkpolicies'), address6Of, engine: engine.policies, timers, log: (line) => log(`policies: ${line}`),
  });
  return { name: 'network policies', isolation: keeper, open: () => keeper.open(), close: () => keeper.close() };
}
