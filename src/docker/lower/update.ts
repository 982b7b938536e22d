import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { ContainerUpdate } from '#container/engine/port.ts';
import type { HostFacts } from '#container/host/facts.ts';
import type { Container } from '#container/model/container.ts';
import { frontOf } from '../front.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { checkRestart } from './check-host.ts';
import { checkResources } from './check-resources.ts';
import { lowerResources } from './resources.ts';
import { lowerRestart } from './restart.ts';

/** What an update may name, and leaves as it is where it names it not. */
const FIELDS = [
  'BlkioWeight', 'CpuShares', 'NanoCpus', 'CpuPeriod', 'CpuQuota', 'CpusetCpus', 'CpusetMems', 'Memory', 'MemorySwap', 'MemoryReservation',
] as const satisfies readonly (keyof HostConfig)[];

/** An update of one way to limit CPU time while the other is in force. */
function checkConflicts(id: string, asked: HostConfig, present: HostConfig): void {
  const fault = (message: string): GantryError => new GantryError('conflict', `Cannot update container ${id}: ${message}`);
  if (asked.NanoCpus > 0 && present.CpuPeriod > 0) throw fault('Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set');
  if (asked.NanoCpus > 0 && present.CpuQuota > 0) throw fault('Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set');
  if (asked.CpuPeriod > 0 && present.NanoCpus > 0) throw fault('Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set');
  if (asked.CpuQuota > 0 && present.NanoCpus > 0) throw fault('Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set');
  if (asked.Memory !== 0 && asked.Memory > present.MemorySwap && asked.MemorySwap === 0) {
    throw fault('Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time');
  }
  const policy = asked.RestartPolicy.Name;
  if (present.AutoRemove && policy !== '' && policy !== 'no') throw fault('Restart policy cannot be updated because AutoRemove is enabled for the container');
}

/** A number of processes as it is told back: 0 is no limit here, other than in a create. */
function pidsOf(asked: HostConfig, present: HostConfig): Pick<HostConfig, 'PidsLimit'> {
  return { PidsLimit: asked.PidsLimit === null ? present.PidsLimit : Math.max(0, asked.PidsLimit) };
}

/**
 * `POST /containers/{id}/update`.
 * @throws GantryError invalid, conflict, in Docker's words
 */
export function lowerUpdate(asked: HostConfig, container: Container, facts: HostFacts): { readonly update: ContainerUpdate; readonly warnings: readonly string[] } {
  checkRestart({ ...asked, AutoRemove: false });
  const warnings = checkResources(asked, facts, true);
  const { spec } = container;
  const front = frontOf(spec);
  const present = front.hostConfig;
  const wanted = facts.hasBlockWeights ? asked : { ...asked, BlkioWeight: 0 };
  checkConflicts(spec.id, wanted, present);
  const changed = Object.fromEntries(FIELDS.filter((field) => wanted[field] !== 0 && wanted[field] !== '').map((field) => [field, wanted[field]]));
  const hostConfig: HostConfig = { ...present, ...changed, ...pidsOf(asked, present), ...(asked.RestartPolicy.Name === '' ? {} : { RestartPolicy: asked.RestartPolicy }) };
  const pids = asked.PidsLimit === null ? (spec.resources.pidsLimit ?? null) : asked.PidsLimit <= 0 ? -1 : asked.PidsLimit;
  return {
    warnings,
    update: { resources: lowerResources(hostConfig, pids), restart: lowerRestart(hostConfig), front: { ...front, hostConfig } as unknown as Json as JsonObject },
  };
}
