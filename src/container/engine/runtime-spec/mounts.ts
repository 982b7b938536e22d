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

function kernelMounts(spec: ContainerSpec): OciMount[] {
  const writable = spec.security.privileged;
  const sysOptions = ['nosuid', 'noexec', 'nodev', writable ? 'rw' : 'ro'];
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: sysOptions },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...sysOptions, 'relatime'] },
    ...(spec.sandbox.ipc.kind === 'host'
      ? [
          { destination: '/dev/mqueue', type: 'bind', source: '/dev/mqueue', options: ['rbind', 'nosuid', 'noexec', 'nodev'] },
          { destination: '/dev/shm', type: 'bind', source: '/dev/shm', options: ['rbind', 'nosuid', 'noexec', 'nodev'] },
        ]
      : [
          { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
          { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${spec.sandbox.shmSizeBytes}`] },
        ]),
  ];
}

function lowerMount(mount: Mount, pathOf: VolumePath): OciMount {
  const access = mount.readonly ? 'ro' : 'rw';
  switch (mount.kind) {
    case 'bind':
      return { destination: mount.target, type: 'bind', source: mount.source, options: [mount.recursive ? 'rbind' : 'bind', mount.propagation, access] };
    case 'volume': {
      const source = mount.subpath === undefined ? pathOf(mount.volume) : `${pathOf(mount.volume)}/${mount.subpath}`;
      return { destination: mount.target, type: 'bind', source, options: ['rbind', 'rprivate', access] };
    }
    case 'tmpfs': {
      const size = mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`];
      const mode = mount.mode === undefined ? [] : [`mode=${mount.mode.toString(8)}`];
      return { destination: mount.target, type: 'tmpfs', source: 'tmpfs', options: ['noexec', 'nosuid', 'nodev', access, ...size, ...mode, ...mount.options] };
    }
  }
}

/** Parents before children, so that a mount never hides one that came before it. */
function byDepth(left: OciMount, right: OciMount): number {
  return left.destination.split('/').length - right.destination.split('/').length;
}

/** Everything mounted into the container; a mount of the user's replaces a default one at the same place. */
export function ociMounts(spec: ContainerSpec, files: GeneratedFiles, pathOf: VolumePath): OciMount[] {
  const asked = spec.mounts.map((mount) => lowerMount(mount, pathOf));
  const taken = new Set(asked.map((mount) => mount.destination));
  const generated = [
    { destination: '/etc/resolv.conf', type: 'bind', source: files.resolvConf, options: ['rbind', 'rprivate', 'rw'] },
    { destination: '/etc/hostname', type: 'bind', source: files.hostname, options: ['rbind', 'rprivate', 'rw'] },
    { destination: '/etc/hosts', type: 'bind', source: files.hosts, options: ['rbind', 'rprivate', 'rw'] },
  ];
  const defaults = kernelMounts(spec).filter((mount) => !taken.has(mount.destination));
  return [...defaults, ...[...generated.filter((mount) => !taken.has(mount.destination)), ...asked].sort(byDepth)];
}
