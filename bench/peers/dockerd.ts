import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import { among, inside, type Place } from './namespace.ts';

/** The Docker Engine of the side root, on a socket and a data root of its own. It starts a containerd of its own. */
export function startDockerd(place: Place): Promise<Daemon> {
  return startDaemon(among(place, [
    'dockerd', '--host', `unix://${inside.state}/docker.sock`, '--data-root', `${inside.state}/docker`,
    '--cgroup-parent', '/gantry-bench-docker', '--bip', '172.30.0.1/16',
  ]), join(place.state, 'docker.sock'), join(place.state, 'dockerd.log'));
}

/** The same client program for every engine that speaks Docker's API: what differs is the socket. `program` is as seen among the peers. */
export function dockerClient(program: string, name: string, socket: string, daemonPid: number): Engine {
  return {
    name,
    client: [program],
    env: { PATH: '/usr/sbin:/usr/bin', HOME: '/tmp', DOCKER_HOST: `unix://${inside.state}/${socket}` },
    socket: `${inside.state}/${socket}`,
    daemonPid,
  };
}
