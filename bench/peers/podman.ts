import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { inside } from './namespace.ts';

/** Podman as it ships, with crun, and without systemd: its cgroups it makes itself, its events go to a file. */
export function podman(state: string): Engine {
  mkdirSync(join(state, 'podman'), { recursive: true });
  writeFileSync(join(state, 'podman/storage.conf'), `[storage]
driver = "overlay"
graphroot = "${inside.state}/podman/storage"
runroot = "/run/containers/storage"
`);
  writeFileSync(join(state, 'podman/containers.conf'), `[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
events_logger = "file"
`);
  return {
    name: 'podman',
    client: ['podman'],
    env: {
      PATH: '/usr/sbin:/usr/bin',
      HOME: '/tmp',
      CONTAINERS_STORAGE_CONF: `${inside.state}/podman/storage.conf`,
      CONTAINERS_CONF: `${inside.state}/podman/containers.conf`,
    },
  };
}
