import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { playPython, whyNoModule, type Told } from './sdk/play-python.ts';
import { assertRatchet, ratchetOf } from './sdk/ratchet.ts';
import { whyNoImage } from './world/busybox.ts';
import { ClusterDaemon } from './world/cluster-daemon.ts';

/* Debian's client of Kubernetes for Python, unmodified, against a cluster of ours: sdk/kubernetes_py.py has the scenarios. */

const LIST = 'kubernetes-py-scenarios';
const skip = whyNoImage() ?? whyNoModule('kubernetes', 'python3-kubernetes');

describe('python3-kubernetes', { skip }, () => {
  let cluster: ClusterDaemon;
  let told: readonly Told[];

  before(async () => {
    cluster = await ClusterDaemon.start();
    told = await playPython('./kubernetes_py.py', { HOME: cluster.daemon.directory, KUBECONFIG: cluster.kubeconfig });
  });

  after(async () => {
    await cluster?.destroy();
  });

  test('what passes is in the ratchet', () => assertRatchet(LIST, told.filter(({ fault }) => fault === null).map(({ name }) => name)));

  for (const name of ratchetOf(LIST)) {
    test(name, () => assert.equal(told.find((each) => each.name === name)?.fault, null));
  }
});
