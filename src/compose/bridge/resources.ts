import type { JsonObject } from '#base/json.ts';
import type { Service } from '../model/service-kind.ts';
import type { Conversion } from './conversion.ts';
import { someOf } from './manifest.ts';

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti'] as const;

/** Bytes as Kubernetes writes them: exact, with the largest unit that fits. */
export function quantityOfBytes(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (unit < UNITS.length - 1 && amount > 0 && amount % 1024 === 0) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount}${UNITS[unit] ?? ''}`;
}

function quantityOfCpus(cpus: number): string {
  const thousandths = Math.round(cpus * 1000);
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}

/** What a container may use, and what is kept for it. */
export function resourcesOf(conversion: Conversion, path: string, service: Service): JsonObject | undefined {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const quota = service.cpu_quota !== undefined && service.cpu_quota > 0 ? service.cpu_quota / (service.cpu_period ?? 100_000) : undefined;
  const gpus = gpuCount(conversion, path, service);
  const bytes = (amount: number | undefined): string | undefined => (amount === undefined || amount <= 0 ? undefined : quantityOfBytes(amount));
  const cpus = (amount: number | undefined): string | undefined => (amount === undefined || amount <= 0 ? undefined : quantityOfCpus(amount));
  if (limits?.pids !== undefined) conversion.findings.warn(`${path}.deploy.resources.limits.pids`, 'it is set for a node, and Kubernetes has no field for it: it is left out');
  return someOf({
    limits: someOf({ cpu: cpus(limits?.cpus ?? service.cpus ?? quota), memory: bytes(limits?.memory ?? service.mem_limit), 'nvidia.com/gpu': gpus }),
    requests: someOf({ cpu: cpus(reservations?.cpus), memory: bytes(reservations?.memory ?? service.mem_reservation) }),
  });
}

function gpuCount({ findings }: Conversion, path: string, service: Service): string | undefined {
  const reserved = service.deploy?.resources?.reservations?.devices ?? [];
  const asked = [...(service.gpus ?? []), ...reserved];
  if (asked.length === 0) return undefined;
  const known = asked.every(({ driver = 'nvidia', device_ids, options }) => driver === 'nvidia' && (device_ids ?? []).length === 0 && (options?.size ?? 0) === 0) && reserved.every(({ capabilities = [] }) => capabilities.includes('gpu'));
  const counted = asked.every(({ count }) => count !== undefined && count > 0);
  if (!known || !counted) {
    findings.refuse(`${path}.${reserved.length > 0 ? 'deploy.resources.reservations.devices' : 'gpus'}`, 'a pod asks for a number of devices of one kind', 'ask for GPUs of NVIDIA by a count: gpus: [{count: 1}]');
    return undefined;
  }
  return String(asked.reduce((sum, { count = 0 }) => sum + count, 0));
}
