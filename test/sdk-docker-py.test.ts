import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { playPython, whyNoModule, type Told } from './sdk/play-python.ts';
import { assertRatchet, ratchetOf } from './sdk/ratchet.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';

/* Debian's docker-py, unmodified, against our daemon: sdk/docker_py.py has the scenarios. */

const LIST = 'docker-py-scenarios';
const skip = whyNoImage() ?? whyNoModule('docker', 'python3-docker');

describe('docker-py', { skip }, () => {
  let daemon: TestDaemon;
  let told: readonly Told[];

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    told = await playPython('./docker_py.py', { DOCKER_HOST: `unix://${daemon.socket}` });
  });

  after(async () => {
    await daemon?.destroy();
  });

  test('what passes is in the ratchet', () => assertRatchet(LIST, told.filter(({ fault }) => fault === null).map(({ name }) => name)));

  for (const name of ratchetOf(LIST)) {
    test(name, () => assert.equal(told.find((each) => each.name === name)?.fault, null));
  }
});
