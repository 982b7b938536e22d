import type { KubeObject } from '#cluster/kinds/object.ts';
import type { View } from '#cluster/loop/controller.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/** A view that counts the objects that are gone through. */
export function countingView(cluster: SimulatedCluster): { readonly view: View; readonly seen: () => number } {
  let seen = 0;
  const cache = (name: string): ReturnType<SimulatedCluster['runtime']['cache']> => cluster.runtime.cache(name);
  const counted = <T extends readonly KubeObject[]>(found: T): T => {
    seen += found.length;
    return found;
  };
  return {
    seen: () => seen,
    view: {
      list: (name, namespace) => counted(cache(name).list(namespace)), get: (name, namespace, object) => cache(name).get(namespace, object), byUid: (name, uid) => cache(name).byUid(uid),
      ownedBy: (name, uid) => counted(cache(name).ownedBy(uid)),
      indexed: (name, index, key) => {
        const found = cache(name).indexed(index, key);
        seen += found.size;
        return found;
      },
    },
  };
}
