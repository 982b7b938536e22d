import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { assertRatchet, ratchetOf } from './sdk/ratchet.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';

/* Debian's docker-py, unmodified, against our daemon: sdk/docker_py.py has the scenarios. */

const PYTHON = '/usr/bin/python3';
const LIST = 'docker-py-scenarios';
const LONGEST_MS = 180_000;
const skip = whyNoImage() ?? (spawnSync(PYTHON, ['-c', 'import docker'], { stdio: 'ignore' }).status === 0 ? false : 'needs python3-docker');

interface Told {
  readonly name: string;
  readonly fault: string | null;
}

describe('docker-py', { skip }, () => {
  let daemon: TestDaemon;
  let told: readonly Told[];

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    told = await play(daemon.socket);
  });

  after(async () => {
    await daemon?.destroy();
  });

  test('what passes is in the ratchet', () => assertRatchet(LIST, told.filter(({ fault }) => fault === null).map(({ name }) => name)));

  for (const name of ratchetOf(LIST)) {
    test(name, () => assert.equal(told.find((each) => each.name === name)?.fault, null));
  }
});

function play(socket: string): Promise<Told[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, [new URL('./sdk/docker_py.py', import.meta.url).pathname], { env: { PATH: process.env['PATH'], DOCKER_HOST: `unix://${socket}`, PYTHONWARNINGS: 'ignore' }, timeout: LONGEST_MS, killSignal: 'SIGKILL' });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('close', (code) => {
      if (code === 0) resolve(out.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Told));
      else reject(new Error(`docker-py ended with ${code}: ${err}\n${out}`));
    });
  });
}
