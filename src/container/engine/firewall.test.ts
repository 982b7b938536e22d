import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '#container/model/container.ts';
import { FRESH_STATE, type Phase } from '#container/model/container-state.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { request } from './_simulation.ts';
import { firewallCommands } from './firewall.ts';

test('a table that is made again keeps the ports of containers that run, rest a moment or are about to run', () => {
  const container = (phase: Phase, hostPort: number): Container => ({
    spec: { ...request('web'), id: String(hostPort) as ContainerId, createdNs: '0' },
    state: {
      ...FRESH_STATE, phase, published: [{ protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort }],
      endpoints: [{ id: '', network: 'bridge', interfaceName: 'eth0', hostLink: '', macAddress: '', gatewayPriority: 0, ipv4: { address: '172.17.0.2', prefixLength: 16, gateway: '172.17.0.1' } }],
    },
  });
  const text = firewallCommands('gantry', [], [container('running', 8001), container('paused', 8002), container('starting', 8003), container('exited', 8004), container('removing', 8005)]);
  assert.deepEqual([...text.matchAll(/6 \. (\d+) : 172\.17\.0\.2/g)].map(([, port]) => port), ['8001', '8002', '8003']);
});
