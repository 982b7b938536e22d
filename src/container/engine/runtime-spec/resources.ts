import type { Json, JsonObject } from '#base/json.ts';
import type { SecuritySpec } from '#container/model/container-spec.ts';
import type { Resources } from '#container/model/resources.ts';

/** The scheduler's period where only a number of CPUs is asked for, in microseconds. */
const CPU_PERIOD_US = 100_000;

function defined(entries: Record<string, Json | undefined>): JsonObject | undefined {
  const kept = Object.entries(entries).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function cpuLimits(resources: Resources): JsonObject | undefined {
  const byNumber = resources.nanoCpus === undefined ? undefined : Math.round(resources.nanoCpus * CPU_PERIOD_US / 1e9);
  return defined({
    shares: resources.cpuShares,
    period: byNumber === undefined ? resources.cpuPeriodUs : CPU_PERIOD_US,
    quota: byNumber ?? resources.cpuQuotaUs,
    cpus: resources.cpusetCpus,
    mems: resources.cpusetMems,
  });
}

interface DeviceRule { readonly allow: boolean; readonly type?: string; readonly major?: number; readonly minor?: number; readonly access: string }

/** null, zero, full, random, urandom, tty; the runtime adds console, ptmx and pts by itself. */
const DEFAULT_DEVICES: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  ...[[1, 3], [1, 5], [1, 7], [1, 8], [1, 9], [5, 0], [5, 1]].map(([major, minor]) => ({ allow: true, type: 'c', major: major ?? 0, minor: minor ?? 0, access: 'rwm' })),
];

/** OCI runtime spec 1.0, `linux.resources`. */
export function ociResources(resources: Resources, security: SecuritySpec, devices: readonly DeviceRule[]): JsonObject {
  const rules = security.privileged ? [{ allow: true, access: 'rwm' }] : [...DEFAULT_DEVICES, ...devices];
  return defined({
    devices: rules.map((rule) => defined({ ...rule }) ?? null),
    memory: defined({
      limit: resources.memoryBytes,
      reservation: resources.memoryReservationBytes,
      swap: resources.memorySwapBytes,
      swappiness: resources.memorySwappiness,
      disableOOMKiller: resources.oomKillDisable,
    }),
    cpu: cpuLimits(resources),
    pids: resources.pidsLimit === undefined ? undefined : { limit: resources.pidsLimit },
    blockIO: resources.blkioWeight === undefined ? undefined : { weight: resources.blkioWeight },
  }) ?? {};
}

export type { DeviceRule };
