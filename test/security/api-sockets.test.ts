import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { erase } from '../../src/main/erase.ts';
import { busyboxTar, whyNoImage } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';
import { ask } from '../world/http.ts';

/* Who can reach the daemon, and what it writes down. */

const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
const SECRET = 'canary-4f1d9c';
const hasStrace = spawnSync('strace', ['--version'], { stdio: 'ignore' }).status === 0;

describe('sockets and files', { skip: whyNoImage() ?? false }, () => {
  let daemon: TestDaemon;

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
  });

  after(async () => {
    await daemon?.destroy();
  });

  test('S-601 TCP without clients that prove who they are is refused', () => {
    for (const host of ['tcp://0.0.0.0:23991', 'tcp://127.0.0.1:23991', 'tcp://[::]:23991', 'tcp://127.0.0.1', '0.0.0.0:23991', 'fd://', 'http://127.0.0.1:23991']) {
      const place = mkdtempSync('/tmp/gantry-test-');
      try {
        const { status, stderr, stdout } = spawnSync(LAUNCHER, ['daemon', '--host', host, '--root', `${place}/root`, '--run', `${place}/run`], { encoding: 'utf8', timeout: 60_000 });
        assert.ok(status !== 0 && status !== null, `${host}: ${stdout}${stderr}`);
        assert.match(stderr + stdout, /tls|certificate|can't listen|invalid|unix:/i, host);
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    }
  });

  test('S-602 the socket is never open to more than its group', { skip: hasStrace ? false : 'needs strace' }, async () => {
    const place = mkdtempSync('/tmp/gantry-test-');
    const trace = `${place}/trace`;
    const socket = `${place}/run/gantry.sock`;
    const child = spawn('strace', ['-f', '-qq', '-e', 'trace=umask,bind,chmod,fchmod,fchmodat,chown,fchownat,listen', '-o', trace, LAUNCHER, 'daemon', '--host', `unix://${socket}`, '--root', `${place}/root`, '--run', `${place}/run`], { stdio: 'ignore' });
    try {
      const deadline = performance.now() + 20_000;
      while ((await ask(socket, 'GET', '/_ping').catch(() => ({ text: '' }))).text !== 'OK') {
        assert.ok(performance.now() < deadline, 'the daemon is ready');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal(statSync(socket).mode & 0o777, 0o660);
    } finally {
      // The tracer's child is the daemon; both end with it.
      for (const line of readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean)) process.kill(Number(line), 'SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      await erase({ root: `${place}/root`, run: `${place}/run` });
    }
    const calls = readFileSync(trace, 'utf8').split('\n');
    const bound = calls.findIndex((line) => line.includes('bind(') && line.includes(socket));
    assert.ok(bound > 0, 'the socket was bound');
    const mask = calls.slice(0, bound).findLast((line) => line.includes('umask('));
    assert.match(mask ?? '', /umask\(0?177\)/);
    const widened = calls.slice(bound).filter((line) => /chmod/.test(line) && line.includes('gantry.sock'));
    assert.ok(widened.every((line) => /0?660/.test(line)), widened.join('\n'));
    const owned = calls.findIndex((line) => /chown/.test(line) && line.includes('gantry.sock'));
    assert.ok(owned > bound && owned < calls.findIndex((line) => /chmod/.test(line) && line.includes('gantry.sock')), 'its group is set before the group may write');
    rmSync(place, { recursive: true, force: true });
  });

  test('S-313 no socket of ours is abstract, on TCP, or open to other users', () => {
    daemon.ok('run', '-d', '--name', 'seen', '-i', 'busybox', 'sleep', '100');
    const sockets = new Set(readdirSync(`/proc/${daemon.pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${daemon.pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }));
    const rows = readFileSync(`/proc/${daemon.pid}/net/unix`, 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).filter((words) => sockets.has(words[6] ?? ''));
    assert.deepEqual(rows.filter((words) => words[7]?.startsWith('@') === true), [], 'abstract sockets');
    for (const family of ['tcp', 'tcp6']) {
      const listening = readFileSync(`/proc/${daemon.pid}/net/${family}`, 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).filter((words) => words[3] === '0A' && sockets.has(words[9] ?? ''));
      // What is published is bound without being listened on; nothing is published here.
      assert.deepEqual(listening, []);
    }
    const found = spawnSync('find', [daemon.directory, '-type', 's', '-printf', '%m %p\n'], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
    assert.ok(found.length > 0);
    // The daemon's directories let nobody through; the socket of the API lies where its group may come.
    for (const path of found.map((line) => line.slice(line.indexOf(' ') + 1))) {
      const asNobody = spawnSync('setpriv', ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'sh', '-c', `test -w '${path}'`]);
      assert.notEqual(asNobody.status, 0, `${path} is open to everybody`);
    }
    daemon.ok('rm', '-f', 'seen');
  });

  test('S-313 a container reaches no API, on its bridge or on the host\'s network', () => {
    // One port is the container's own, and answers as an API would: the look must find that, and nothing else.
    const look = `
(printf 'HTTP/1.0 200 OK\\r\\nApi-Version: 1.51\\r\\n\\r\\n' | nc -l -p 23992 >/dev/null) &
sleep 0.3
for host in 127.0.0.1 $(ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p'); do
  for port in 2375 2376 2377 23991 23992 80 443 8080; do
    printf 'GET /_ping HTTP/1.0\\r\\n\\r\\n' | nc -w 1 $host $port 2>/dev/null | grep -q Api-Version && echo reached $host:$port
  done
done
find / -xdev -name '*.sock' 2>/dev/null
true`;
    for (const network of ['bridge', 'host']) assert.equal(daemon.ok('run', '--rm', '--network', network, 'busybox', 'sh', '-c', look), 'reached 127.0.0.1:23992', network);
    // Abstract sockets belong to a network: on the host's are those of others, ours among them if we had any.
    assert.equal(daemon.ok('run', '--rm', '--network', 'host', 'busybox', 'sh', '-c', 'grep -c "@.*gantry" /proc/net/unix; true'), '0');
  });

  test('S-314 directories let nobody else in, also after they once did, and under any umask', async () => {
    const modes = (place: string): Record<string, number> => Object.fromEntries(['root', 'run'].map((name) => [name, statSync(`${place}/${name}`).mode & 0o777]));
    for (const prepare of [(_place: string): void => undefined, (place: string): void => ['root', 'run'].forEach((name) => {
      mkdirSync(`${place}/${name}`);
      chmodSync(`${place}/${name}`, 0o755);
    })]) {
      const place = mkdtempSync('/tmp/gantry-test-');
      prepare(place);
      const child = spawn('sh', ['-c', 'umask 000; exec "$@"', 'sh', LAUNCHER, 'daemon', '--host', `unix://${place}/run/gantry.sock`, '--root', `${place}/root`, '--run', `${place}/run`], { stdio: 'ignore' });
      try {
        const deadline = performance.now() + 20_000;
        while ((await ask(`${place}/run/gantry.sock`, 'GET', '/_ping').catch(() => ({ text: '' }))).text !== 'OK') {
          assert.ok(performance.now() < deadline, 'the daemon is ready');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        assert.deepEqual(modes(place), { root: 0o700, run: 0o700 });
        const open = spawnSync('find', [place, '-perm', '-0002', '!', '-type', 'l'], { encoding: 'utf8' }).stdout;
        assert.equal(open, '', 'nothing is writable for everybody');
      } finally {
        child.kill('SIGTERM');
        await new Promise((resolve) => child.once('exit', resolve));
      }
      await erase({ root: `${place}/root`, run: `${place}/run` });
      rmSync(place, { recursive: true, force: true });
    }
  });

  test('S-613 nothing that is secret is written down', async () => {
    const auth = Buffer.from(JSON.stringify({ username: 'somebody', password: SECRET, serveraddress: '127.0.0.1:1' })).toString('base64url');
    const headers = { 'X-Registry-Auth': auth, 'X-Registry-Config': auth, Authorization: `Bearer ${SECRET}` };
    await ask(daemon.socket, 'POST', '/images/create?fromImage=127.0.0.1:1/x&tag=1', { headers });
    await ask(daemon.socket, 'POST', '/images/127.0.0.1:1/x/push', { headers });
    await ask(daemon.socket, 'GET', '/distribution/127.0.0.1:1/x/json', { headers });
    await ask(daemon.socket, 'POST', `/build?buildargs=${encodeURIComponent(JSON.stringify({ TOKEN: SECRET }))}`, { headers, body: Buffer.from('no archive') });
    await ask(daemon.socket, 'POST', '/auth', { body: JSON.stringify({ username: 'somebody', password: SECRET, serveraddress: '127.0.0.1:1' }) });
    await ask(daemon.socket, 'POST', '/swarm/unlock', { body: JSON.stringify({ UnlockKey: SECRET }) });
    await ask(daemon.socket, 'POST', '/secrets/create', { body: JSON.stringify({ Name: 's', Data: Buffer.from(SECRET).toString('base64') }) });
    assert.notEqual(daemon.docker('run', '--rm', '-e', `TOKEN=${SECRET}`, 'busybox', 'nosuchprogram').code, 0);
    daemon.ok('run', '-d', '--name', 'execs', 'busybox', 'sleep', '100');
    daemon.docker('exec', '-e', `TOKEN=${SECRET}`, 'execs', 'nosuchprogram');
    daemon.ok('rm', '-f', 'execs');
    for (const word of [SECRET, auth, Buffer.from(SECRET).toString('base64')]) assert.equal(daemon.log.includes(word), false, daemon.log);
    // A container's settings are kept with it and go with it.
    const { stdout } = spawnSync('grep', ['-rlF', SECRET, daemon.root, daemon.run], { encoding: 'utf8' });
    assert.deepEqual(stdout.split('\n').filter((path) => path !== '' && !/\.(db|sqlite)(-wal|-shm)?$|store/.test(path)), []);
  });
});
