import { isMapping, stringAt } from '../value/value.ts';
import { compareText } from '../value/go-text.ts';
import { scaleOf } from '../model/project.ts';
import { metadataOf, type Conversion } from './conversion.ts';
import type { Manifest } from './manifest.ts';
import { objectName } from './names.ts';
import type { PodGroup } from './pod-group.ts';

/** Compose does not say how large a volume is. */
const DEFAULT_STORAGE = '1Gi';

/** Claims for the volumes of the project that pods mount. `x-kubernetes: {storage: 10Gi, storageClass: fast}` says more of one. */
export function claims(conversion: Conversion, groups: readonly PodGroup[]): Manifest[] {
  const pods = new Map<string, number>();
  for (const { owner, members } of groups) {
    const named = new Set(members.flatMap(([, { volumes = [] }]) => volumes.filter(({ type, source = '' }) => (type ?? 'volume') === 'volume' && source !== '').map(({ source = '' }) => source)));
    const many = owner.deploy?.mode === 'global' ? 2 : scaleOf(owner);
    for (const source of named) pods.set(source, (pods.get(source) ?? 0) + many);
  }
  return [...pods].toSorted(([a], [b]) => compareText(a, b)).flatMap(([source, count]) => claim(conversion, source, count));
}

function claim(conversion: Conversion, source: string, pods: number): Manifest[] {
  const { project, findings, names } = conversion;
  const { external, driver = '', driver_opts, extensions } = project.volumes.get(source) ?? {};
  if (external === true) return [];
  const path = `volumes.${source}`;
  if (!['', 'local'].includes(driver) || (driver_opts?.size ?? 0) > 0) findings.refuse(`${path}.${['', 'local'].includes(driver) ? 'driver_opts' : 'driver'}`, 'it is of one daemon, and a cluster has classes of storage', 'leave it out, or make the claim yourself and say external: true');
  const more = extensions?.get('x-kubernetes');
  const name = objectName(source);
  names.take('PersistentVolumeClaim', name, path);
  return [{
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: metadataOf(conversion, name), spec: {
      // Once: by pods of one node. Volumes that several pods share may have to be on several.
      accessModes: [pods > 1 ? 'ReadWriteMany' : 'ReadWriteOnce'],
      storageClassName: isMapping(more) ? stringAt(more, 'storageClass') : undefined,
      resources: { requests: { storage: (isMapping(more) ? stringAt(more, 'storage') : undefined) ?? DEFAULT_STORAGE } },
    },
  }];
}
