import { GantryError } from '#base/error.ts';
import type { Host } from '#container/host/port.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';

/**
 * Statically linked, so that any image can run them, and all take `-- PROGRAM`. tini first: it ends with 127 and 126 for a program
 * that is not there or can't be run, as Docker's does; catatonit ends with 1.
 */
const PROGRAMS = ['/usr/bin/tini-static', '/usr/bin/docker-init', '/usr/bin/catatonit', '/usr/libexec/podman/catatonit'];

/**
 * The program that is to be process 1 and start the container's own. A container in another one's process namespace
 * has a first process there already, and gets none.
 * @throws GantryError unavailable where the host has no such program
 */
export async function findInit(host: Pick<Host, 'exists'>, spec: ContainerSpec): Promise<string | undefined> {
  if (!spec.process.init || spec.sandbox.pid.kind !== 'private') return undefined;
  for (const path of PROGRAMS) if (await host.exists(path) === 'file') return path;
  throw new GantryError('unavailable', 'the container asks for an init process, and this host has no program for it', { hint: 'apt-get install tini' });
}
