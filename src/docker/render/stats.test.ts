import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerUsage } from '#container/host/usage.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { renderStats } from './stats.ts';

const SPEC = { id: 'a'.repeat(64), name: 'web' } as unknown as ContainerSpec;
const USAGE: ContainerUsage = {
  memory: { usage: 5000, peak: 6000, limit: 1_000_000, limitHits: 2, details: new Map([['inactive_file', 7], ['__proto__', 1]]) },
  cpu: { usageNs: 30, userNs: 20, systemNs: 10, perCpuNs: [10, 20], periods: 1, throttledPeriods: 2, throttledNs: 3 },
  processes: { current: 4 }, blockIo: [{ major: 8, minor: 1, bytes: { read: 1, write: 2, discard: 4 }, operations: { read: 3, write: 4, discard: 0 } }],
  networks: new Map([['eth0', { receivedBytes: 1, receivedPackets: 2, receiveErrors: 3, receiveDrops: 4, sentBytes: 5, sentPackets: 6, sendErrors: 7, sendDrops: 8 }]]),
  machine: { cpuNs: 1000, cpus: 2 },
};

test('a running container is told in Docker\'s shape', () => {
  const told = renderStats(SPEC, { usage: USAGE, readNs: 5_000_000_000n }, { usage: USAGE, readNs: 4_000_000_000n }, 900_000);
  assert.deepEqual([told.read, told.preread, told.name], ['1970-01-01T00:00:05Z', '1970-01-01T00:00:04Z', '/web']);
  assert.deepEqual(told.cpu_stats, {
    cpu_usage: { total_usage: 30, percpu_usage: [10, 20], usage_in_kernelmode: 10, usage_in_usermode: 20 }, system_cpu_usage: 1000, online_cpus: 2,
    throttling_data: { periods: 1, throttled_periods: 2, throttled_time: 3 },
  });
  assert.deepEqual(told.precpu_stats, told.cpu_stats);
  // The limit is the machine's where that is less.
  assert.equal((told.memory_stats as { limit: number }).limit, 900_000);
  assert.equal((told.memory_stats as { failcnt: number }).failcnt, 2);
  assert.deepEqual(told.blkio_stats.io_service_bytes_recursive, [{ major: 8, minor: 1, op: 'read', value: 1 }, { major: 8, minor: 1, op: 'write', value: 2 }, { major: 8, minor: 1, op: 'discard', value: 4 }, { major: 8, minor: 1, op: 'total', value: 7 }]);
  assert.deepEqual(told.networks, { eth0: { rx_bytes: 1, rx_packets: 2, rx_errors: 3, rx_dropped: 4, tx_bytes: 5, tx_packets: 6, tx_errors: 7, tx_dropped: 8 } });
});

test('the first sample has nothing before it; one that rests is all zeros', () => {
  const first = renderStats(SPEC, { usage: USAGE, readNs: 1n }, undefined, 1);
  assert.deepEqual([first.preread, first.precpu_stats.cpu_usage.total_usage, 'system_cpu_usage' in first.precpu_stats], ['0001-01-01T00:00:00Z', 0, false]);
  const rests = renderStats(SPEC, { usage: undefined, readNs: 1n }, undefined, 1);
  assert.deepEqual([rests.memory_stats, rests.pids_stats, rests.blkio_stats.io_service_bytes_recursive, 'networks' in rests], [{}, {}, null, false]);
  assert.equal(rests.read, '0001-01-01T00:00:00Z');
});
