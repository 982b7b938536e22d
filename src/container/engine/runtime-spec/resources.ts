import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { SecuritySpec } from '#container/model/container-spec.ts';
import type { BlockDeviceLimit, Resources } from '#container/model/resources.ts';

/** The scheduler's period where only a number of CPUs is asked for, in microseconds. */
const CPU_PERIOD_US = 100_000;
/** A container that asks for no bound: far above what programs use, and below what would starve the host. */
const PIDS_LIMIT = 32_768;

/** Numbers of a block device of the host, by its path. */
export type BlockDevices = ReadonlyMap<string, { readonly major: number; readonly minor: number }>;

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

/** Paths of all block devices that limits name. */
export function limitedDevices(resources: Resources): string[] {
  const { blkioWeightDevices, blkioReadBps, blkioWriteBps, blkioReadIops, blkioWriteIops } = resources;
  return [...new Set([blkioWeightDevices, blkioReadBps, blkioWriteBps, blkioReadIops, blkioWriteIops].flatMap((limits) => (limits ?? []).map(({ path }) => path)))];
}

function blockLimits(resources: Resources, devices: BlockDevices): JsonObject | undefined {
  const of = (limits: readonly BlockDeviceLimit[] | undefined, key: 'rate' | 'weight'): Json[] | undefined => limits?.map(({ path, value }) => {
    const device = devices.get(path);
    if (device === undefined) throw new GantryError('invalid', `${path} is no block device`);
    return { major: device.major, minor: device.minor, [key]: value };
  });
  return defined({
    weight: resources.blkioWeight,
    weightDevice: of(resources.blkioWeightDevices, 'weight'),
    throttleReadBpsDevice: of(resources.blkioReadBps, 'rate'),
    throttleWriteBpsDevice: of(resources.blkioWriteBps, 'rate'),
    throttleReadIOPSDevice: of(resources.blkioReadIops, 'rate'),
    throttleWriteIOPSDevice: of(resources.blkioWriteIops, 'rate'),
  });
}

/** What can be changed while the container runs: all of `linux.resources` but its devices. */
export function ociLimits(resources: Resources, devices: BlockDevices): JsonObject {
  return defined({
    memory: defined({
      limit: resources.memoryBytes,
      reservation: resources.memoryReservationBytes,
      swap: resources.memorySwapBytes,
      swappiness: resources.memorySwappiness,
      disableOOMKiller: resources.oomKillDisable,
    }),
    cpu: cpuLimits(resources),
    // No limit is what a new group has, and crun 1.8 can't spell it.
    pids: resources.pidsLimit === -1 ? undefined : { limit: resources.pidsLimit ?? PIDS_LIMIT },
    blockIO: blockLimits(resources, devices),
  }) ?? {};
}

export interface DeviceRule {
  readonly allow: boolean;
  readonly type?: string;
  /** Absent: every number. */
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

/** null, zero, full, random, urandom, tty, console; the runtime adds ptmx and pts by itself. */
const DEFAULT_DEVICES: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  ...[[1, 3], [1, 5], [1, 7], [1, 8], [1, 9], [5, 0], [5, 1]].map(([major, minor]) => ({ allow: true, type: 'c', major: major ?? 0, minor: minor ?? 0, access: 'rwm' })),
];

/** `c 1:3 rwm`, `b *:* r`, as `--device-cgroup-rule` has them: cgroup v1, devices.txt. */
function parseRule(text: string): DeviceRule {
  const [type = 'a', numbers = '*:*', access = 'rwm'] = text.split(' ');
  const [major, minor] = numbers.split(':').map((number) => (number === '*' ? undefined : Number(number)));
  return { allow: true, type, access, ...(major === undefined ? {} : { major }), ...(minor === undefined ? {} : { minor }) };
}

/** OCI runtime spec 1.0, `linux.resources`. */
export function ociResources(resources: Resources, security: SecuritySpec, devices: readonly DeviceRule[], blocks: BlockDevices): JsonObject {
  const rules = security.privileged ? [{ allow: true, access: 'rwm' }] : [...DEFAULT_DEVICES, ...devices, ...security.deviceCgroupRules.map(parseRule)];
  return { devices: rules.map((rule) => defined({ ...rule }) ?? null), ...ociLimits(resources, blocks) };
}
