import type { HostFacts } from '#container/host/facts.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { invalid } from './invalid.ts';

/** Docker's figure: less than a container needs to start. */
const LEAST_MEMORY = 6 * 1024 * 1024;

function checkMemory(host: HostConfig, isUpdate: boolean): void {
  const { Memory, MemorySwap, MemoryReservation, MemorySwappiness } = host;
  if (Memory !== 0 && Memory < LEAST_MEMORY) throw invalid('Minimum memory limit allowed is 6MB');
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  if (Memory === 0 && MemorySwap > 0 && !isUpdate) throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  // -1 is how old clients say that they don't mind.
  if (MemorySwappiness !== null && MemorySwappiness !== -1 && (MemorySwappiness < 0 || MemorySwappiness > 100)) {
    throw invalid(`Invalid value: ${MemorySwappiness}, valid memory swappiness range is 0-100`);
  }
  if (MemoryReservation > 0 && MemoryReservation < LEAST_MEMORY) throw invalid('Minimum memory reservation allowed is 6MB');
  if (Memory > 0 && MemoryReservation > Memory) throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage');
}

function checkCpu(host: HostConfig, cpus: number): void {
  const { NanoCpus, CpuPeriod, CpuQuota, CpuShares } = host;
  if (CpuShares < 0) throw invalid(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  if (NanoCpus > 0 && CpuPeriod > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (NanoCpus > 0 && CpuQuota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9) throw invalid(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  if (host.CpuRealtimePeriod !== 0 || host.CpuRealtimeRuntime !== 0) throw invalid('kernel does not support CPU real-time scheduler');
}

/** `0-2,4`: the numbers must be there. The host's CPUs and nodes are taken to be numbered without gaps. */
function checkSet(list: string, count: number, words: { readonly what: string; readonly plural: string }): void {
  for (const part of list === '' ? [] : list.split(',')) {
    const match = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part);
    const [low, high] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (match === null || low > high) throw invalid(`Invalid value ${list} for ${words.what}: invalid format: ${part}`);
    if (high >= count) throw invalid(`Requested ${words.plural} are not available - requested ${list}, available: ${count === 1 ? '0' : `0-${count - 1}`}`);
  }
}

/** @returns warnings */
export function checkResources(host: HostConfig, facts: HostFacts, isUpdate = false): string[] {
  checkMemory(host, isUpdate);
  checkCpu(host, facts.cpus);
  checkSet(host.CpusetCpus, facts.cpus, { what: 'cpuset cpus', plural: 'CPUs' });
  checkSet(host.CpusetMems, facts.memoryNodes, { what: 'cpuset mems', plural: 'memory nodes' });
  const { hasBlockWeights } = facts;
  if (hasBlockWeights && host.BlkioWeight > 0 && (host.BlkioWeight < 10 || host.BlkioWeight > 1000)) throw invalid('Range of blkio weight is from 10 to 1000');
  const warnings: string[] = [];
  if (host.OomKillDisable === true && facts.cgroupVersion === 2) warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.');
  else if (host.OomKillDisable === true && host.Memory === 0) {
    warnings.push('OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.');
  }
  if (!hasBlockWeights && host.BlkioWeight > 0) warnings.push('Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.');
  if (!hasBlockWeights && (host.BlkioWeightDevice ?? []).length > 0) warnings.push('Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.');
  if (host.CpuPercent > 0) warnings.push('linux does not support CPU percent. Percent discarded.');
  return warnings;
}
