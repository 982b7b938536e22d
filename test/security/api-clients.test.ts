import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';
import { ask } from '../world/http.ts';
import { eventually, sleep } from '../world/waiting.ts';
import { ROUNDS } from './rounds.ts';

/* Clients by the thousand that are slow, or gone. */

const MIB = 1 << 20;
const HALF_REQUESTS = 2000;
/** `./gantry dev security` abandons as many as the class asks for: that takes minutes. */
const ABANDONED = ROUNDS === 1 ? 300 : 10_000;
const AT_ONCE = 20;

describe('many clients', { skip: whyNoImage() ?? false }, () => {
  let daemon: TestDaemon;

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    daemon.ok('run', '-d', '--name', 'talks', 'busybox', 'sh', '-c', 'while :; do echo line; sleep 0.05; done');
  });

  after(async () => {
    await daemon?.destroy();
  });

  const descriptors = (): number => readdirSync(`/proc/${daemon.pid}/fd`).length;
  const resident = (): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]) * 1024;

  test(`S-611 ${HALF_REQUESTS} half requests keep nobody out, and are given up`, { timeout: 60_000 }, async () => {
    const [open, memory] = [descriptors(), resident()];
    let [connected, closed] = [0, 0];
    const sockets: Socket[] = [];
    for (let index = 0; index < HALF_REQUESTS; index += 1) {
      const socket = connect(daemon.socket);
      socket.on('error', () => undefined).resume();
      socket.once('connect', () => {
        connected += 1;
        socket.once('close', () => (closed += 1));
        socket.write('POST /containers/create HTTP/1.1\r\nHost: d\r\nX-Slow: ');
      });
      sockets.push(socket);
      // A full queue of the kernel's refuses who comes next: that is no matter of the daemon's.
      if (index % 50 === 49) await sleep(10);
    }
    try {
      await eventually('most are there', descriptors, (now) => now >= open + HALF_REQUESTS * 0.8);
      const started = performance.now();
      assert.equal((await ask(daemon.socket, 'GET', '/_ping')).text, 'OK');
      assert.equal((await ask(daemon.socket, 'GET', '/containers/talks/json')).status, 200);
      assert.ok(performance.now() - started < 5000, 'others are served');
      assert.ok(resident() - memory < 96 * MIB, `${Math.round((resident() - memory) / MIB)} MiB more`);
      await eventually('the daemon gave them up', () => closed, (count) => count === connected, 30_000);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await eventually('descriptors', descriptors, (now) => now <= open + 4);
  });

  test(`S-612 ${ABANDONED} of each stream abandoned leave no trace`, { timeout: 120_000 * ROUNDS }, async () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';
    const request = (method: string, path: string, more = '', body = ''): string => `${method} ${path} HTTP/1.1\r\nHost: d\r\n${more}${body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`}\r\n${body}`;
    const makers: readonly (() => Promise<string>)[] = [
      async () => request('GET', '/events'), async () => request('GET', '/containers/talks/logs?follow=1&stdout=1'), async () => request('POST', '/containers/talks/attach?stream=1&stdout=1&stdin=1', upgrade), async () => request('POST', '/containers/talks/wait'), async () => request('POST', '/containers/talks/resize?h=10&w=10'),
      async () => request('GET', '/containers/talks/stats'), async () => request('GET', '/containers/talks/attach/ws?stream=1&stdout=1', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'),
    ];
    const exec = async (): Promise<string> => {
      const { Id } = JSON.parse((await ask(daemon.socket, 'POST', '/containers/talks/exec', { body: '{"Cmd":["true"],"AttachStdout":true}' })).text) as { Id: string };
      return request('POST', `/exec/${Id}/start`, upgrade, '{}');
    };
    const round = async (count: number, make: () => Promise<string>): Promise<void> => {
      let left = count;
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) await abandon(daemon.socket, await make());
      }));
      // What was abandoned still waits to be accepted: a full queue refuses who comes next.
      await ask(daemon.socket, 'GET', '/_ping').catch(() => sleep(500));
    };
    // The first of each fills caches and buffers that stay.
    for (const make of makers) await round(40, make);
    await round(20, exec);
    await eventually('calm', descriptors, (now) => now < 80);
    const [open, memory] = [descriptors(), resident()];
    for (const make of makers) await round(ABANDONED, make);
    await round(Math.ceil(ABANDONED / 10), exec);
    await round(Math.ceil(ABANDONED / 10), async () => request('GET', '/containers/talks/export'));
    // The last ones still wait for their turn, an export at a time; and a daemon that has been busy gives memory back when it rests.
    await eventually('descriptors', descriptors, (now) => now <= open + 4, 15_000 + ABANDONED * 6);
    await eventually('MiB more', () => Math.round((resident() - memory) / MIB), (now) => now < 48, 30_000);
    assert.equal(daemon.docker('exec', 'talks', 'echo', 'still').out, 'still\n', daemon.ok('inspect', '-f', '{{json .State}}', 'talks'));
  });
});

/** Sends a request and goes: at once, or when something has come. */
function abandon(path: string, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.write(bytes));
    const go = (): void => void socket.destroy();
    const timer = setTimeout(go, 15);
    if (bytes.length % 2 === 0) socket.once('data', go);
    socket.on('error', () => undefined).on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
