import type { FilesMount, FilesQuery } from '#container/host/files.ts';
import type { Container } from '#container/model/container.ts';
import { isLive } from '#container/model/container-state.ts';
import type { OverlayMount } from '#image/snapshot/port.ts';
import { keptOf, volumePathOf, type Layout } from './layout.ts';

const GENERATED = ['hosts', 'hostname', 'resolv.conf'] as const;

/** How the files of a container are looked at in its present state: as its process sees them, or put together anew. */
export function filesQuery({ spec, state }: Container, overlay: OverlayMount, layout: Layout): FilesQuery {
  if (isLive(state.phase) && state.process !== undefined) return { kind: 'running', process: state.process };
  const asked = spec.mounts.flatMap((mount): FilesMount[] => {
    const { target, readonly } = mount;
    switch (mount.kind) {
      case 'bind': return [{ source: mount.source, target, readonly, recursive: mount.recursive }];
      case 'volume': return [{ source: volumePathOf(layout, mount.volume), ...(mount.subpath === undefined ? {} : { subpath: mount.subpath }), target, readonly, recursive: false }];
      // Their content went with the run.
      case 'image':
      case 'overlay':
      case 'tmpfs': return [];
    }
  });
  const taken = new Set(asked.map(({ target }) => target));
  const generated = GENERATED.map((name) => ({ source: `${keptOf(layout, spec.id)}/${name}`, target: `/etc/${name}`, readonly: false, recursive: false })).filter(({ target }) => !taken.has(target));
  const depth = ({ target }: FilesMount): number => target.split('/').filter(Boolean).length;
  return { kind: 'at-rest', overlay, mounts: [...generated, ...asked].sort((left, right) => depth(left) - depth(right)), workingDirectory: spec.process.cwd, readonly: spec.readonlyRootfs };
}
