import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { test } from 'node:test';
import { erase } from '../../src/main/erase.ts';
import { busyboxTar, whyNoImage } from '../world/busybox.ts';
import { ask } from '../world/http.ts';
import { eventually } from '../world/waiting.ts';
import { ROUNDS } from './rounds.ts';

const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
const [major = 0, minor = 0] = release().split('.').map(Number);
/** From then on each process namespace has a limit of its own; before, the machine has one. */
const skip = whyNoImage() ?? (major > 6 || (major === 6 && minor >= 14) ? false : 'needs a kernel of 6.14 or newer');

/** The namespace's first process, which reaps whatever loses its parent. Strangers come and go all the time, and say so if one of them is signalled. */
const FIRST = `
echo 600 > /proc/sys/kernel/pid_max
"$@" &
for stranger in 1 2 3 4 5 6 7 8 9 10 11 12; do
  ( while :; do sleep 0.01 || echo "a stranger ended by $?"; done ) &
done
echo begun
wait`;

test(`S-316 a daemon whose numbers come round every second ends its own containers and nobody else, ${12 * ROUNDS} times`, { skip, timeout: 120_000 * ROUNDS }, async () => {
  const directory = mkdtempSync('/tmp/gantry-numbers-');
  const place = { root: `${directory}/root`, run: `${directory}/run` };
  const socket = `${place.run}/gantry.sock`;
  const limit = readFileSync('/proc/sys/kernel/pid_max', 'utf8');
  const log = openSync(`${directory}/log`, 'a');
  const world = spawn('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', FIRST, 'first', LAUNCHER, 'daemon', '--host', `unix://${socket}`, '--root', place.root, '--run', place.run], { stdio: ['ignore', log, log] });
  const heard = (): string => readFileSync(`${directory}/log`, 'utf8');
  const call = async (method: string, path: string, body?: object): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await ask(socket, method, path, body === undefined ? {} : { body: JSON.stringify(body) });
    assert.ok(answer.status < 500, `${method} ${path}: ${answer.status} ${answer.text}\n${heard()}`);
    return answer;
  };
  const make = async (...command: readonly string[]): Promise<string> => (JSON.parse((await call('POST', '/containers/create', { Image: 'busybox', Cmd: command, HostConfig: { NetworkMode: 'none' } })).text) as { Id: string }).Id;
  try {
    await eventually('the daemon', () => existsSync(socket), Boolean);
    assert.equal(readFileSync('/proc/sys/kernel/pid_max', 'utf8'), limit, 'the limit is the namespace\'s own');
    assert.equal((await ask(socket, 'POST', '/images/create?fromSrc=-&repo=busybox', { body: readFileSync(busyboxTar()), headers: { 'Content-Type': 'application/x-tar' } })).status, 200);
    for (let round = 0; round < 12 * ROUNDS; round += 1) {
      const [lasting, brief] = await Promise.all([make('sleep', '1000'), make('true')]);
      for (const id of [lasting, brief]) await call('POST', `/containers/${id}/start`);
      const { Id: exec } = JSON.parse((await call('POST', `/containers/${lasting}/exec`, { Cmd: ['sleep', '1000'] })).text) as { Id: string };
      await call('POST', `/exec/${exec}/start`, { Detach: true });
      // What has ended, or is about to, has given its numbers to others.
      for (const id of [brief, lasting]) {
        await call('POST', `/containers/${id}/kill`);
        await call('POST', `/containers/${id}/stop?t=0`);
        await call('POST', `/exec/${exec}/kill`);
      }
      for (const id of [lasting, brief]) await call('DELETE', `/containers/${id}?force=1`);
    }
    assert.equal((await call('GET', '/_ping')).text, 'OK');
    assert.deepEqual(heard().split('\n').filter((line) => line.startsWith('a stranger')), []);
  } finally {
    const ended = once(world, 'exit');
    world.kill('SIGKILL');
    await ended;
    await erase(place);
    rmSync(directory, { recursive: true, force: true });
  }
});
