import { GantryError } from '#base/error.ts';
import type { Host } from '#container/host/port.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';

/** Statically linked, so that any image can run them, and all take `-- PROGRAM`: of Debian's catatonit, docker.io and tini. */
const PROGRAMS = ['/usr/bin/catatonit', '/usr/libexec/podman/catatonit', '/usr/bin/docker-init', '/usr/bin/tini-static'];

/**
 * The program that is to be process 1 and start the container's own. A container in another one's process namespace
 * has a first process there already, and gets none.
 * @throws GantryError unavailable where the host has no such program
 */
export async function findInit(host: Pick<Host, 'exists'>, spec: ContainerSpec): Promise<string | undefined> {
  if (!spec.process.init || spec.sandbox.pid.kind !== 'private') return undefined;
  for (const path of PROGRAMS) if (await host.exists(path) === 'file') return path;
  throw new GantryError('unavailable', 'the container asks for an init process, and this host has no program for it', { hint: 'apt-get install catatonit' });
}
