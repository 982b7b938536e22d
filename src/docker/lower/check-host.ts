import type { HostFacts } from '#container/host/facts.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { normaliseCapabilities } from './capability-names.ts';
import { checkResources } from './check-resources.ts';
import { invalid } from './invalid.ts';
import { checkMountRequest, checkTarget } from './mount-rules.ts';
import { parseExtraHost } from './extra-host.ts';
import { checkPortBindings } from './ports.ts';

/** The default, by the name that it has in Docker. */
const DEFAULT_RUNTIMES = ['', 'io.containerd.runc.v2'];

export function checkRestart({ RestartPolicy: { Name, MaximumRetryCount }, AutoRemove }: HostConfig): void {
  if (AutoRemove && Name !== '' && Name !== 'no') throw invalid("can't create 'AutoRemove' container with restart policy");
  switch (Name) {
    case '': return;
    case 'no':
    case 'always':
    case 'unless-stopped':
      if (MaximumRetryCount !== 0) {
        throw invalid(`invalid restart policy: maximum retry count can only be used with 'on-failure'${MaximumRetryCount < 0 ? ' and cannot be negative' : ''}`);
      }
      return;
    case 'on-failure':
      if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative');
      return;
    default:
      throw invalid(`invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`);
  }
}

function checkModes(host: HostConfig): void {
  const { IpcMode, PidMode, UTSMode, CgroupnsMode } = host;
  if (!['', 'none', 'private', 'host', 'shareable'].includes(IpcMode) && !IpcMode.startsWith('container:')) throw invalid(`invalid IPC mode: ${IpcMode}`);
  if (PidMode !== '' && PidMode !== 'host' && !/^container:./.test(PidMode)) throw invalid(`invalid PID mode: ${PidMode}`);
  if (host.ShmSize < 0) throw invalid('SHM size can not be less than 0');
  if (UTSMode !== '' && UTSMode !== 'host') throw invalid(`invalid UTS mode: ${UTSMode}`);
  if (host.OomScoreAdj < -1000 || host.OomScoreAdj > 1000) throw invalid(`Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  if (!['', 'host'].includes(host.UsernsMode)) throw invalid('invalid userns mode');
  if (!['', 'private', 'host'].includes(CgroupnsMode)) throw invalid(`invalid cgroup namespace mode: ${CgroupnsMode}`);
}

/** What Docker checks before it looks for the image, in its order. @returns warnings */
export function checkHostConfig(host: HostConfig, facts: HostFacts): string[] {
  checkRestart(host);
  for (const mount of host.Mounts ?? []) checkMountRequest(mount);
  for (const entry of host.ExtraHosts ?? []) parseExtraHost(entry);
  checkPortBindings(host.PortBindings);
  normaliseCapabilities(host.CapAdd, 'CapAdd');
  normaliseCapabilities(host.CapDrop, 'CapDrop');
  if (host.Annotations !== undefined && host.Annotations !== null && Object.hasOwn(host.Annotations, '')) {
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key');
  }
  const warnings = checkResources(host, facts);
  checkModes(host);
  const hasBindings = Object.keys(host.PortBindings ?? {}).length > 0;
  if (host.NetworkMode === 'host' && hasBindings) warnings.push('Published ports are discarded when using host network mode');
  const runtime = host.Runtime ?? '';
  if (!DEFAULT_RUNTIMES.includes(runtime) && !facts.runtimes.some(({ name }) => name === runtime)) throw invalid(`unknown or invalid runtime name: ${host.Runtime}`);
  for (const target of Object.keys(host.Tmpfs ?? {})) checkTarget(target);
  if (host.StorageOpt) throw invalid("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
  return warnings;
}
