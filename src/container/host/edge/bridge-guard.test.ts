import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { ensureBridge, removeBridge } from './bridge.ts';
import { guardBridge } from './bridge-guard.ts';
import { createNetworkNamespace, inNetworkNamespace, openNamespace } from './linux/namespaces.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const plan = { name: 'gantry-t', addresses: [], mac: '02:42:ac:14:00:01', mtu: 1500, sysctls: [] };

test('a bridge has one guard, however often it is set up, and it goes with the bridge', { skip }, () => {
  const home = openNamespace('net');
  const namespace = createNetworkNamespace();
  // The command runs in the namespace of the thread that starts it.
  const filters = (): string => spawnSync('tc', ['filter', 'show', 'dev', 'gantry-t', 'egress'], { encoding: 'utf8' }).stdout;
  inNetworkNamespace(namespace, home, () => {
    for (let round = 0; round < 2; round++) {
      ensureBridge(plan);
      guardBridge('gantry-t');
      guardBridge('gantry-t');
      assert.equal(filters().match(/direct-action/g)?.length, 1, filters());
      removeBridge('gantry-t');
    }
    guardBridge('gantry-t');
  });
  closeSync(namespace);
  closeSync(home);
});
