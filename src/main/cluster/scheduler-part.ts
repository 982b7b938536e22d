import { Scheduler } from '#cluster/scheduler/scheduler.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import type { ClusterWrites } from './cluster-writes.ts';

/** What it has to know of claims. */
const STORAGE = ['persistentvolumeclaims', 'persistentvolumes', 'storage.k8s.io/storageclasses'];

const BUDGETS = 'policy/poddisruptionbudgets';

/** Gives pods their nodes. */
export function schedulerPart({ runtime, view, clock, timers, random, log }: ClusterCore, writes: ClusterWrites): ClusterPart {
  const namespaces = runtime.cache('namespaces');
  const scheduler = new Scheduler({
    pods: runtime.cache('pods'), nodes: runtime.cache('nodes'), storage: { view, onChange: (listener) => STORAGE.forEach((name) => runtime.cache(name).onChange(listener)) },
    namespaces: (name) => namespaces.get(undefined, name)?.metadata.labels, budgets: () => view.list(BUDGETS), writes, clock, timers, random, log: (line) => log(`scheduler: ${line}`),
  });
  return { name: 'scheduler', open: () => scheduler.open(), close: () => scheduler.close() };
}
