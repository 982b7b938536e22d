import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { Mount } from '#container/model/mount.ts';

/** OCI runtime spec 1.0, `mounts[]`. */
export interface OciMount {
  readonly destination: string;
  readonly type?: string;
  readonly source?: string;
  readonly options: readonly string[];
}

export interface GeneratedFiles {
  readonly resolvConf: string;
  readonly hostname: string;
  readonly hosts: string;
}

/** `pathOf` answers where a volume's files are. */
export type VolumePath = (volume: string) => string;

export interface MountPlaces {
  readonly volumePath: VolumePath;
  /** What was made ready for mounts, by target. */
  readonly prepared?: ReadonlyMap<string, string> | undefined;
  /** Another container's /dev/shm. */
  readonly sharedMemory?: string | undefined;
}

const MEMORY_OPTIONS = ['nosuid', 'noexec', 'nodev'];

/** /dev/shm belongs to the IPC namespace: it is shared with it, and one that nobody may share into has none. */
function memoryMounts({ sandbox }: ContainerSpec, sharedMemory: string | undefined): OciMount[] {
  const bind = (source: string): OciMount => ({ destination: '/dev/shm', type: 'bind', source, options: ['rbind', ...MEMORY_OPTIONS] });
  switch (sandbox.ipc.kind) {
    case 'host': return [bind('/dev/shm')];
    case 'container': return sharedMemory === undefined ? [] : [bind(sharedMemory)];
    case 'none': return [];
    default: return [{ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...MEMORY_OPTIONS, 'mode=1777', `size=${sandbox.shmSizeBytes}`] }];
  }
}

function kernelMounts(spec: ContainerSpec, sharedMemory: string | undefined): OciMount[] {
  const access = (writable: boolean): string[] => ['nosuid', 'noexec', 'nodev', writable ? 'rw' : 'ro'];
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: access(spec.security.privileged) },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...access(spec.security.writableCgroups ?? spec.security.privileged), 'relatime'] },
    // A mount of it shows the queues of the IPC namespace that it is made in, and not every host has one of its own.
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: MEMORY_OPTIONS },
    ...memoryMounts(spec, sharedMemory),
  ];
}

/** @param prepared what was made ready for this mount */
function lowerMount(mount: Mount, pathOf: VolumePath, prepared: string | undefined): OciMount {
  const access = mount.readonly ? 'ro' : 'rw';
  switch (mount.kind) {
    case 'bind':
      return { destination: mount.target, type: 'bind', source: prepared ?? mount.source, options: [mount.recursive ? 'rbind' : 'bind', mount.propagation, mount.readonly && mount.readonlyBelow === true ? 'rro' : access] };
    case 'volume': return { destination: mount.target, type: 'bind', source: prepared ?? pathOf(mount.volume), options: ['rbind', 'rprivate', access] };
    case 'image': return { destination: mount.target, type: 'bind', source: prepared ?? '', options: ['bind', 'rprivate', 'ro'] };
    case 'overlay': return { destination: mount.target, type: 'bind', source: mount.path === '' ? mount.overlay.target : `${mount.overlay.target}/${mount.path}`, options: ['bind', 'rprivate', access] };
    case 'tmpfs': {
      const size = mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`];
      const mode = mount.mode === undefined ? [] : [`mode=${mount.mode.toString(8)}`];
      // crun lets the first of two opposites win.
      const guards = ['noexec', 'nosuid', 'nodev'].filter((guard) => !mount.options.includes(guard.slice(2)) && !mount.options.includes(guard));
      return { destination: mount.target, type: 'tmpfs', source: 'tmpfs', options: [...guards, access, ...size, ...mode, ...mount.options] };
    }
  }
}

/** Parents before children, so that a mount never hides one that came before it. */
function byDepth(left: OciMount, right: OciMount): number {
  return left.destination.split('/').length - right.destination.split('/').length;
}

/** Everything mounted into the container; a mount of the user's replaces a default one at the same place. */
export function ociMounts(spec: ContainerSpec, files: GeneratedFiles, { volumePath, sharedMemory, prepared }: MountPlaces): OciMount[] {
  const asked = spec.mounts.map((mount) => lowerMount(mount, volumePath, prepared?.get(mount.target)));
  const taken = new Set(asked.map((mount) => mount.destination));
  const options = ['rbind', 'rprivate', spec.readonlyRootfs ? 'ro' : 'rw'];
  const generated = [
    { destination: '/etc/resolv.conf', type: 'bind', source: files.resolvConf, options },
    // A build's command may write the file, and its image keeps what it wrote.
    ...(spec.owner.front === 'build' ? [] : [{ destination: '/etc/hostname', type: 'bind', source: files.hostname, options }]),
    { destination: '/etc/hosts', type: 'bind', source: files.hosts, options },
  ];
  const defaults = kernelMounts(spec, sharedMemory).filter((mount) => !taken.has(mount.destination));
  return [...defaults, ...[...generated.filter((mount) => !taken.has(mount.destination)), ...asked].sort(byDepth)];
}
