import { GantryError } from '#base/error.ts';
import type { ImageId } from '#container/model/ids.ts';
import type { Mount } from '#container/model/mount.ts';
import type { Config } from '../wire/config.ts';
import type { HostConfig } from '../wire/host-config.ts';
import type { MountRequest } from '../wire/mount.ts';
import { parseBind, parseVolumesFrom } from './bind-spec.ts';
import { cleanPath } from './clean-path.ts';
import { invalid } from './invalid.ts';
import { isPropagation } from './mount-rules.ts';
import { parseTmpfsOptions } from './tmpfs-options.ts';
import type { FindContainer } from './host-defaults.ts';

export interface LoweredMounts {
  readonly mounts: readonly Mount[];
  /** The mode that an inspect tells, by target. */
  readonly modes: Readonly<Record<string, string>>;
}

export interface MountSources {
  readonly findContainer: FindContainer;
  /** A name for a volume that nobody named. */
  readonly newVolumeName: () => string;
  readonly findImage: (reference: string) => ImageId;
  /** Whether the kernel can make a mount read-only with all below it (Linux 5.12). */
  readonly mayReadonlyBelow: boolean;
}

/** An inspect tells this mode for a local volume that was given none. */
const VOLUME_MODE = 'z';

function fromRequest(request: MountRequest, { newVolumeName, mayReadonlyBelow, findImage }: MountSources): Mount {
  const target = cleanPath(request.Target ?? '');
  const readonly = request.ReadOnly ?? false;
  switch (request.Type) {
    case 'bind': {
      const options = request.BindOptions ?? {};
      const propagation = options.Propagation ?? '';
      return {
        kind: 'bind', target, readonly, source: cleanPath(request.Source ?? ''), recursive: !(options.NonRecursive ?? false),
        propagation: isPropagation(propagation) ? propagation : 'rprivate', createSource: options.CreateMountpoint ?? false,
        ...(readonly && !(options.ReadOnlyNonRecursive ?? false) && mayReadonlyBelow ? { readonlyBelow: true } : {}),
      };
    }
    case 'volume': {
      const anonymous = (request.Source ?? '') === '';
      const { Subpath, NoCopy, DriverConfig, Labels } = request.VolumeOptions ?? {};
      const driver = DriverConfig?.Name ?? '';
      if (driver !== '' && driver !== 'local') throw invalid(`error looking up volume plugin ${driver}: plugin "${driver}" not found`);
      const volume = anonymous ? newVolumeName() : request.Source ?? '';
      const options = DriverConfig?.Options ?? {};
      return {
        kind: 'volume', target, readonly, volume, anonymous, copyUp: !(NoCopy ?? false), ...(Subpath ? { subpath: Subpath } : {}),
        ...(Labels && Object.keys(Labels).length > 0 ? { labels: Labels } : {}), ...(Object.keys(options).length > 0 ? { options } : {}),
      };
    }
    case 'image': {
      const reference = request.Source ?? '';
      const subpath = request.ImageOptions?.Subpath ?? '';
      return { kind: 'image', target, readonly: true, image: findImage(reference), reference, ...(subpath === '' ? {} : { subpath }) };
    }
    default: {
      const { SizeBytes, Mode, Options } = request.TmpfsOptions ?? {};
      const options = (Options ?? []).map((option) => (option ?? []).join('='));
      return { kind: 'tmpfs', target, readonly, options, ...(SizeBytes ? { sizeBytes: SizeBytes } : {}), ...(Mode ? { mode: Mode & 0o7777 } : {}) };
    }
  }
}

/** Every mount of a container, once for each target. Later kinds win over `VolumesFrom`; two requests for one target conflict. */
export function lowerMounts(config: Config, host: HostConfig, sources: MountSources): LoweredMounts {
  const mounts = new Map<string, Mount>();
  const modes = Object.create(null) as Record<string, string>;
  const taken = new Set<string>();
  const tmpfs = Object.entries(host.Tmpfs ?? {}).map(([path, options]) => ({ target: cleanPath(path), ...parseTmpfsOptions(options) }));
  const tmpfsTargets = new Set(tmpfs.map(({ target }) => target));
  const claim = (mount: Mount, mode: string, mayBeTmpfs: boolean): void => {
    if (taken.has(mount.target) || (!mayBeTmpfs && tmpfsTargets.has(mount.target))) throw invalid(`Duplicate mount point: ${mount.target}`);
    taken.add(mount.target);
    mounts.set(mount.target, mount);
    modes[mount.target] = mode;
  };

  for (const text of host.VolumesFrom ?? []) {
    const { container, readonly } = parseVolumesFrom(text);
    for (const mount of find(container, sources.findContainer).spec.mounts) {
      if (mount.kind === 'tmpfs') continue;
      mounts.set(mount.target, { ...mount, readonly: mount.readonly || readonly, ...(mount.kind === 'volume' ? { copyUp: false } : {}) });
      modes[mount.target] = '';
    }
  }
  for (const text of host.Binds ?? []) {
    const { type, source, target, mode, readonly, propagation, copyUp, mapsOwner } = parseBind(text);
    const to = cleanPath(target);
    if (type === 'volume') checkDriver(host.VolumeDriver, source);
    if (type === 'bind') claim({ kind: 'bind', source: cleanPath(source), target: to, readonly, propagation, recursive: true, createSource: true, ...(mapsOwner ? { mapsOwner } : {}), ...(readonly && sources.mayReadonlyBelow ? { readonlyBelow: true } : {}) }, mode, false);
    else claim({ kind: 'volume', volume: source === '' ? sources.newVolumeName() : source, anonymous: source === '', target: to, readonly, copyUp }, mode === '' ? VOLUME_MODE : mode, false);
  }
  for (const request of host.Mounts ?? []) claim(fromRequest(request, sources), request.Type === 'volume' ? VOLUME_MODE : '', true);
  for (const { target, options, readonly } of tmpfs) mounts.set(target, { kind: 'tmpfs', target, readonly, options });
  for (const path of Object.keys(config.Volumes ?? {})) {
    const target = cleanPath(path);
    if (target === '/') throw invalid("invalid specification: destination can't be '/'");
    if (mounts.has(target)) continue;
    checkDriver(host.VolumeDriver, '');
    mounts.set(target, { kind: 'volume', volume: sources.newVolumeName(), anonymous: true, target, readonly: false, copyUp: true });
    modes[target] = '';
  }
  return { mounts: [...mounts.values()], modes };
}

/** Only the engine's own driver is there. */
function checkDriver(driver: string, volume: string): void {
  if (driver !== '' && driver !== 'local') throw new GantryError('not-found', `${volume === '' ? '' : `create ${volume}: `}error looking up volume plugin ${driver}: plugin "${driver}" not found`);
}

/** A container that isn't there makes the request wrong, rather than being what was not found. */
function find(reference: string, findContainer: FindContainer): ReturnType<FindContainer> {
  try {
    return findContainer(reference);
  } catch (thrown) {
    throw invalid(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
