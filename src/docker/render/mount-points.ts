import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { Front } from '../front.ts';
import { cleanPath } from '../lower/clean-path.ts';

export type VolumePath = (name: string) => string;

/** `Mounts` of an inspect. Those of `--tmpfs` are told in HostConfig only, as Docker does. */
export function renderMountPoints(spec: ContainerSpec, front: Front, pathOf: VolumePath) {
  const unlisted = new Set(Object.keys(front.hostConfig.Tmpfs ?? {}).map(cleanPath));
  return spec.mounts.flatMap((mount) => {
    const rest = { Mode: front.modes[mount.target] ?? '', RW: !mount.readonly };
    switch (mount.kind) {
      case 'bind': return [{ Type: 'bind', Source: mount.source, Destination: mount.target, ...rest, Propagation: mount.propagation }];
      case 'volume':
        return [{ Type: 'volume', Name: mount.volume, Source: pathOf(mount.volume), Destination: mount.target, Driver: 'local', ...rest, Propagation: '' }];
      case 'image': return [{ Type: 'image', Name: mount.reference, Source: '', Destination: mount.target, ...rest, Propagation: 'rprivate' }];
      // Only builds have them, and those are not shown.
      case 'overlay': return [];
      case 'tmpfs':
        return unlisted.has(mount.target) ? [] : [{ Type: 'tmpfs', Source: '', Destination: mount.target, ...rest, Propagation: '' }];
    }
  });
}
