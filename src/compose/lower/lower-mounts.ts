import type { Project } from '../model/project.ts';
import type { FileMount, Service, VolumeMount } from '../model/service-kind.ts';
import type { FileObject } from '../model/resource-kinds.ts';
import { asObject, given, nonEmpty } from './create-request.ts';

/** A volume of the container that is replaced, which the new one takes over. */
export interface InheritedVolume {
  readonly name: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface LoweredMounts {
  readonly Binds?: readonly string[];
  readonly Mounts?: readonly object[];
  readonly Tmpfs?: Readonly<Record<string, string>>;
}

/** Mounts of a service, with its secrets and configs that are files of this machine. */
export function lowerMounts(project: Project, service: Service, inherited: readonly InheritedVolume[]): LoweredMounts {
  const volumes = service.volumes ?? [];
  const short = volumes.filter(isShort);
  const targets = volumes.filter(({ type, source = '' }) => type !== 'volume' || source !== '').map(({ target = '' }) => target);
  const kept = inherited.filter(({ target }) => !targets.includes(target));
  const long = volumes.filter((mount) => !isShort(mount) && !kept.some(({ target }) => target === mount.target));
  const mounts = [
    ...long.map((mount) => longMount(project, mount)),
    ...kept.map(({ name, target, readOnly }) => ({ Type: 'volume', Source: name, Target: target, ...(readOnly ? { ReadOnly: true } : {}) })),
    ...fileMounts(project, service).filter(isBound).map(({ target, object }) => ({ Type: 'bind', Source: object.file, Target: target, ReadOnly: true, BindOptions: {} })),
    ...(service.use_api_socket === true ? [{ Type: 'bind', Source: '/var/run/docker.sock', Target: '/var/run/docker.sock' }] : []),
  ];
  const tmpfs = (service.tmpfs ?? []).map((entry): [string, string] => {
    const at = entry.indexOf(':');
    return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  return given({ Binds: nonEmpty(short.map((mount) => bindText(project, mount))), Mounts: nonEmpty(mounts), Tmpfs: tmpfs.length === 0 ? undefined : asObject(tmpfs) });
}

/** The old way to say a mount is kept where it says all: it makes a directory of this machine that is missing, which is what is meant where nothing is said of that. */
function isShort({ type, source = '', bind, volume }: VolumeMount): boolean {
  if (type === 'bind') return bind === undefined || (bind.create_host_path === true && bind.recursive === undefined);
  return type === 'volume' && source !== '' && (volume?.subpath ?? '') === '' && (volume?.labels?.size ?? 0) === 0;
}

function volumeName(project: Project, source: string): string {
  return project.volumes.get(source)?.name ?? source;
}

function bindText(project: Project, { type, source = '', target = '', read_only, bind, volume }: VolumeMount): string {
  const from = type === 'volume' ? volumeName(project, source) : source;
  const options = [read_only === true ? 'ro' : 'rw', bind?.selinux, bind?.propagation, volume?.nocopy === true ? 'nocopy' : undefined];
  return `${from}:${target}:${options.filter((option) => option !== undefined && option !== '').join(',')}`;
}

function longMount(project: Project, mount: VolumeMount): object {
  const { type = 'volume', source = '', target = '', read_only, consistency, bind, volume, tmpfs, image } = mount;
  const from = type === 'volume' && source !== '' ? volumeName(project, source) : source;
  const common = given({ Type: type, Source: nonEmpty(from), Target: target, ReadOnly: nonEmpty(read_only), Consistency: nonEmpty(consistency) });
  switch (type) {
    case 'bind': {
      const recursive = bind?.recursive;
      return { ...common, BindOptions: given({
        Propagation: nonEmpty(bind?.propagation), CreateMountpoint: nonEmpty(bind?.create_host_path), NonRecursive: recursive === 'disabled' ? true : undefined,
        ReadOnlyNonRecursive: recursive === 'writable' ? true : undefined, ReadOnlyForceRecursive: recursive === 'readonly' ? true : undefined,
      }) };
    }
    case 'tmpfs': return { ...common, TmpfsOptions: given({ SizeBytes: nonEmpty(tmpfs?.size), Mode: nonEmpty(tmpfs?.mode) }) };
    case 'image': return { ...common, ImageOptions: given({ Subpath: nonEmpty(image?.subpath) }) };
    // The volume itself is made before, by its driver.
    case 'volume': return { ...common, VolumeOptions: given({ NoCopy: nonEmpty(volume?.nocopy), Subpath: nonEmpty(volume?.subpath), Labels: volume?.labels === undefined ? undefined : asObject(volume.labels) }) };
    default: return common;
  }
}

/** A secret or config of a service, and where it goes. */
export interface FilePlacement {
  readonly target: string;
  readonly mount: FileMount;
  readonly object: FileObject;
}

/** A file of this machine is mounted as it is; with an owner or a mode it has to be copied in instead. */
export function isBound({ mount, object }: FilePlacement): boolean {
  return (object.file ?? '') !== '' && mount.uid === undefined && mount.gid === undefined && mount.mode === undefined;
}

export function fileMounts(project: Project, service: Service): FilePlacement[] {
  const placed = (mounts: readonly FileMount[], objects: ReadonlyMap<string, FileObject>, folder: string): FilePlacement[] => mounts.flatMap((mount) => {
    const source = mount.source ?? '';
    const object = objects.get(source);
    const target = mount.target ?? source;
    return object === undefined ? [] : [{ target: target.startsWith('/') ? target : `${folder}${target}`, mount, object }];
  });
  return [...placed(service.secrets ?? [], project.secrets, '/run/secrets/'), ...placed(service.configs ?? [], project.configs, '/')];
}
