import type { AdmissionPlugin } from '../admission.ts';
import { isPod, objectOf, podSpec } from './pod-spec.ts';

/** Says of a pod that bounds itself as a whole that nobody holds it to that: it would be less bounded than it thinks. */
export const podResources: AdmissionPlugin = {
  name: 'PodLevelResources',
  async create(of, pod, { warn }) {
    const { limits, requests } = objectOf(podSpec(pod)['resources']);
    if (isPod(of) && Object.keys({ ...objectOf(limits), ...objectOf(requests) }).length > 0) warn?.('spec.resources: resources of a pod as a whole are kept as they are written and not enforced on this cluster: set those of its containers');
    return pod;
  },
};
