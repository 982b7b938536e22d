import type { HostConfig } from '../wire/host-config.ts';
import { invalid } from './invalid.ts';

const OF_IPC = new Set('msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced'.split(' ').map((name) => `kernel.${name}`));

/** Only settings that belong to a namespace of the container's own: all others would be the host's. */
export function lowerSysctls(host: HostConfig): Readonly<Record<string, string>> {
  const sysctls = host.Sysctls ?? {};
  const ownsIpc = host.IpcMode !== 'host' && !host.IpcMode.startsWith('container:');
  const ownsNetwork = host.NetworkMode !== 'host' && !host.NetworkMode.startsWith('container:');
  for (const given of Object.keys(sysctls)) {
    const name = given.includes('/') && !given.includes('.') ? given.replaceAll('/', '.') : given;
    const isIpc = OF_IPC.has(name) || name.startsWith('fs.mqueue.');
    const isNetwork = name.startsWith('net.');
    const isUts = name === 'kernel.domainname' || name === 'kernel.hostname';
    const isOwn = (isIpc && ownsIpc) || (isNetwork && ownsNetwork) || (isUts && host.UTSMode !== 'host');
    if (!isOwn || name.split('.').includes('')) throw invalid(`sysctl "${given}" is not in a separate kernel namespace`);
  }
  return sysctls;
}
