import { PolicyKeeper, type PodIsolation } from '#cluster/agent/policy/policy-keeper.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';

/** Network policies, kept by the kernel. */
export interface PolicyPart extends ClusterPart {
  readonly isolation: PodIsolation;
}

export function policyPart({ runtime, node, engine, timers, log }: ClusterCore): PolicyPart {
  const keeper = new PolicyKeeper({
    nodeName: node, pods: runtime.cache('pods'), namespaces: runtime.cache('namespaces'), policies: runtime.cache('networking.k8s.io/networkpolicies'), engine: engine.policies, timers, log: (line) => log(`policies: ${line}`),
  });
  return { name: 'network policies', isolation: keeper, open: () => keeper.open(), close: () => keeper.close() };
}
