import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { ask } from './world/http.ts';
import { dockerScenarios } from './world/scenarios.ts';
import { residentBytes } from './world/resident-bytes.ts';
import { eventually, sleep } from './world/waiting.ts';

const scenarios = dockerScenarios('docker-abandoned-scenarios');
const { scenario, ok } = scenarios;

const ROUNDS = 100;
const AT_ONCE = 10;
const MB = 1 << 20;
/** Young memory that is not yet collected, and pages that the kernel has not taken back. */
const SLACK_BYTES = 24 * MB;
const FRAME_LIMIT = 8 * MB;

const descriptors = (): number => readdirSync(`/proc/${scenarios.daemon.pid}/fd`).length;
const residentNow = (): number => residentBytes(scenarios.daemon.pid);

/** Asks, waits for the head of the answer, and is gone. */
async function abandon(method: string, path: string): Promise<void> {
  const sent = request({ socketPath: scenarios.daemon.socket, method, path, agent: false });
  sent.on('error', () => {});
  sent.end();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => sent.once('response', resolve).once('error', reject));
  answer.on('error', () => {});
  sent.destroy();
}

/** The same for a connection that is taken out of HTTP. */
async function abandonStream(path: string, body = ''): Promise<void> {
  const socket: Socket = connect(scenarios.daemon.socket);
  socket.on('error', () => {});
  socket.write(`POST ${path} HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await new Promise<void>((resolve) => void socket.once('data', () => resolve()));
  socket.destroy();
}

scenario('requests that were abandoned by the thousand leave no descriptor and no memory behind', async () => {
  ok('run', '-d', '-i', '--name', 'web', 'busybox', 'sleep', '1000');
  const round = async (): Promise<void> => {
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      await abandon('GET', '/containers/web/logs?follow=1&stdout=1');
      await abandon('POST', '/containers/web/wait?condition=next-exit');
      await abandon('GET', '/events');
      await abandon('GET', '/containers/web/stats');
      await abandonStream('/containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1');
    }));
  };
  for (let at = 0; at < 10; at++) await round();
  await sleep(1500);
  const [files, resident] = [descriptors(), residentNow()];
  for (let at = 0; at < ROUNDS - 10; at++) await round();
  await eventually('descriptors are back', descriptors, (now) => now <= files + 2);
  await eventually('memory is back', residentNow, (now) => now < resident + SLACK_BYTES);
  ok('exec', 'web', 'true');
});

scenario('execs that were abandoned go on, and end without a trace', async () => {
  ok('run', '-d', '--name', 'web', 'busybox', 'sleep', '1000');
  const files = descriptors();
  for (let at = 0; at < 15; at++) {
    const { Id } = JSON.parse((await ask(scenarios.daemon.socket, 'POST', '/containers/web/exec', { body: JSON.stringify({ Cmd: ['sh', '-c', 'sleep 0.2; echo late'], AttachStdout: true }) })).text) as { Id: string };
    await abandonStream(`/exec/${Id}/start`, '{}');
  }
  await eventually('descriptors are back', descriptors, (now) => now <= files + 2);
  assert.equal(ok('top', 'web').split('\n').length, 2);
});

scenario('an exec whose program leaves another behind ends all the same, and large streams come whole both ways', () => {
  ok('run', '-d', '--name', 'web', 'busybox', 'sleep', '1000');
  const started = performance.now();
  assert.equal(ok('exec', 'web', 'sh', '-c', 'sleep 30 & echo left'), 'left');
  assert.ok(performance.now() - started < 10_000);
  const large = Buffer.alloc(4 * MB, 'x');
  assert.equal(scenarios.daemon.dockerWith({ input: large }, 'exec', '-i', 'web', 'cat').out.length, large.length);
  assert.equal(scenarios.daemon.docker('exec', 'web', 'sh', '-c', 'cat /bin/busybox | head -c 1000000 | tr -c x x; echo err >&2; exit 4').code, 4);
});

scenario('a client that reads nothing costs bounded memory, and the container waits for no log reader', async () => {
  ok('run', '-d', '--name', 'web', '--log-opt', 'max-size=4m', '--log-opt', 'max-file=2', 'busybox', 'sh', '-c', 'while :; do cat /bin/busybox; done');
  await sleep(500);
  const before = residentNow();
  const stalled: Socket[] = [];
  for (const path of ['/containers/web/logs?follow=1&stdout=1', '/containers/web/stats', '/events']) {
    const socket = connect(scenarios.daemon.socket);
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: d\r\n\r\n`);
    stalled.push(socket);
  }
  let most = 0;
  for (let at = 0; at < 30; at++) {
    await sleep(100);
    most = Math.max(most, residentNow());
  }
  assert.ok(most - before < stalled.length * FRAME_LIMIT + SLACK_BYTES, `${Math.round((most - before) / MB)} MiB for ${stalled.length} stalled clients`);
  ok('exec', 'web', 'true');
  for (const socket of stalled) socket.destroy();
});
