import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMachineStat, parseNetworkDevices } from './container-usage.ts';

test('the time of all CPUs is the sum of seven fields, in ticks of ten milliseconds', () => {
  const text = 'cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\ncpu1 0 1 2 3 4 5 6 7 8 9\nintr 5\ncpufreq 1\n';
  assert.equal(parseMachineStat(text).cpuNs, 28 * 10_000_000);
  assert.equal(parseMachineStat('cpu  1 0 0 0 0 0 0 0 0 0\ncpu0 1 0 0 0 0 0 0 0 0 0\n').cpus, 1);
});

test('every link but the loopback, by its columns', () => {
  const text = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0',
    '  eth0:    1436      12    1    2    0     0          0         0      440       4    3    5    0     0       0          0',
    'eth1:7 0 0 0 0 0 0 0 8 0 0 0 0 0 0 0', '',
  ].join('\n');
  const links = parseNetworkDevices(text);
  assert.deepEqual([...links.keys()], ['eth0', 'eth1']);
  assert.deepEqual(links.get('eth0'), { receivedBytes: 1436, receivedPackets: 12, receiveErrors: 1, receiveDrops: 2, sentBytes: 440, sentPackets: 4, sendErrors: 3, sendDrops: 5 });
  assert.equal(links.get('eth1')?.sentBytes, 8);
});
