import type { Host } from '#container/host/port.ts';
import { GantryError } from '#base/error.ts';
import type { HostStep, MountPlace } from '#container/host/step.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { Mount } from '#container/model/mount.ts';
import type { ImageTable } from './image-table.ts';
import { volumePathOf } from './layout.ts';
import type { EnginePorts } from './ports.ts';
import { sourceOf, type VolumeSource } from './volume-options.ts';
import type { Volumes } from './volumes.ts';

export interface PreparedMounts {
  /** As they are asked for, with what the volumes' options add. */
  readonly mounts: readonly Mount[];
  /** What a mount has its files from, by target, where that is not plain from the mount itself. */
  readonly sources: ReadonlyMap<string, string>;
  /** To be made ready in the monitor's mount namespace. */
  readonly places: readonly MountPlace[];
  /** To be mounted before, for all containers that use the volume. */
  readonly steps: readonly HostStep[];
}

/** Looks up where the files of a container's volumes and image mounts come from. */
export async function prepareMounts(spec: ContainerSpec, bundle: string, { user, ...parts }: { readonly user: { readonly uid: number; readonly gid: number }; readonly ports: EnginePorts; readonly volumes: Volumes; readonly images: ImageTable }): Promise<PreparedMounts> {
  const sources = new Map<string, string>();
  const places: MountPlace[] = [];
  const steps: HostStep[] = [];
  const mounts: Mount[] = [];
  for (const [index, mount] of spec.mounts.entries()) {
    const target = `${bundle}/mounts/${index}`;
    const place = (source: MountPlace['source'], subpath: string): void => {
      places.push({ source, subpath, target, whole: `${target}.whole` });
      // One layer alone is bound where it is: the place is all that a mount is told.
      sources.set(mount.target, target);
    };
    mounts.push(await withoutVainDepth(mount, parts.ports.host));
    if (mount.kind === 'bind' && mount.mapsOwner === true) place({ kind: 'directory', path: mount.source, shownAs: user }, '');
    if (mount.kind === 'image') place({ kind: 'layers', lower: parts.ports.snapshots.directoriesOf(parts.images.chainOf(mount.image)) }, mount.subpath ?? '');
    if (mount.kind !== 'volume') continue;
    const source = sourceOf(parts.volumes.find(mount.volume));
    const path = await rootOf(mount.volume, source, parts.ports, steps);
    if (source.kind === 'bind' && source.readonly) mounts[index] = { ...mount, readonly: true };
    if (mount.subpath !== undefined) place({ kind: 'directory', path }, mount.subpath);
    else if (source.kind === 'bind') sources.set(mount.target, path);
  }
  return { mounts, sources, places, steps };
}

/** Nothing can be mounted below a file, and crun 1.8 fails to open one that is to be read-only with all below it. */
async function withoutVainDepth(mount: Mount, host: Pick<Host, 'exists'>): Promise<Mount> {
  if (mount.kind !== 'bind' || mount.readonlyBelow !== true || await host.exists(mount.source) === 'directory') return mount;
  return { ...mount, readonlyBelow: false };
}

async function rootOf(name: string, source: VolumeSource, { host, layout }: EnginePorts, steps: HostStep[]): Promise<string> {
  const own = volumePathOf(layout, name);
  switch (source.kind) {
    case 'own': return own;
    case 'bind':
      if (await host.exists(source.path) !== undefined) return source.path;
      throw new GantryError('internal', `error while mounting volume '${own}': failed to mount local volume: mount ${source.path}:${own}, flags: 0x1000: no such file or directory`, { hint: 'make the directory first' });
    case 'mount':
      steps.push({ kind: 'mount-volume', path: own, type: source.type, device: source.device, options: source.options, cause: `volume ${name}` });
      return own;
  }
}
