import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { FakeEngine } from '../fake-engine.ts';
import { ROUTES } from './routes.ts';
import { createDockerServer, type DockerServer } from './server.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const NOW_NS = 1795471966n * 1_000_000_000n;
const directory = mkdtempSync(join(tmpdir(), 'gantry-docker-'));
const socketPath = join(directory, 'docker.sock');
const engine = new FakeEngine();
const server: DockerServer = createDockerServer({ engine, clock: { nowNs: () => NOW_NS, monotonicMs: () => 0 }, version: '1.2.3', log: () => {} });

function call(method: string, path: string, body?: string | object, headers: Record<string, string> = {}): Promise<Reply> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const req = request({ socketPath, method, path, agent: false, headers: { ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }), ...headers } }, (res) => {
      let answer = '';
      res.on('data', (piece: Buffer) => (answer += piece.toString('latin1')));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text: answer }));
    });
    req.on('error', reject);
    req.end(text);
  });
}

const json = async (method: string, path: string, body?: object): Promise<any> => JSON.parse((await call(method, path, body)).text);
const until = async (condition: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 200 && !condition(); tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition());
};

before(() => server.listenUnix(socketPath, { mode: 0o620, gid: process.getgid?.() ?? 0 }));
after(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('the API over a socket', () => {
  test('the socket has its mode from the beginning', () => assert.equal(statSync(socketPath).mode & 0o777, 0o620));

  test('a second daemon is told that the socket is in use', async () => {
    const second = createDockerServer({ engine, clock: { nowNs: () => 0n, monotonicMs: () => 0 }, version: '1', log: () => {} });
    await assert.rejects(second.listenUnix(socketPath, { mode: 0o600, gid: 0 }), { kind: 'conflict' });
  });

  test('ping tells what clients negotiate by', async () => {
    for (const [method, text] of [['GET', 'OK'], ['HEAD', '']] as const) {
      const { status, headers, text: body } = await call(method, '/_ping');
      assert.deepEqual([status, body], [200, text]);
      const expected = { 'api-version': '1.51', 'docker-experimental': 'false', ostype: 'linux', server: 'Gantry/1.2.3 (linux)', 'builder-version': '1', swarm: 'inactive', 'cache-control': 'no-cache, no-store, must-revalidate', pragma: 'no-cache', 'content-type': 'text/plain; charset=utf-8' };
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, headers[name]])), expected);
    }
  });

  test('the ping that a command begins with has the engine expect a start; a look whether it lives has not', async () => {
    const before = engine.asked.expectations ?? 0;
    await call('GET', '/_ping');
    assert.equal(engine.asked.expectations ?? 0, before);
    await call('HEAD', '/_ping');
    assert.equal(engine.asked.expectations, before + 1);
  });

  test('every answer has the common headers, also those of errors', async () => {
    for (const path of ['/info', '/nope', '/containers/x/json', '/v1.99/info']) assert.equal((await call('GET', path)).headers['server'], 'Gantry/1.2.3 (linux)', path);
  });

  for (const [method, path, status, message] of [
    ['GET', '/nope', 404, 'page not found'], ['POST', '/v1.30/info', 404, 'page not found'], ['GET', '/containers/json/', 404, 'page not found'], ['GET', '/containers/x/json', 404, 'No such container: x'],
    ['GET', '/images/a/b/c:1/json', 404, 'No such image: a/b/c:1'], ['GET', '/images/a%2Fb/json', 404, 'No such image: a/b:latest'], ['GET', '/%zz', 400, 'invalid URL escape in "/%zz"'],
    ['POST', '/containers/x/wait?condition=foo', 400, 'invalid condition: "foo"'], ['POST', '/containers/x/stop?t=x', 400, 'strconv.Atoi: parsing "x": invalid syntax'],
    ['POST', '/containers/x/start?checkpoint=c', 400, 'checkpoint is only supported in experimental mode: checkpoints are not offered: start the container without one'], ['POST', '/containers/x/checkpoints', 404, 'page not found'],
    ['POST', '/containers/x/resize?h=a&w=1', 400, 'invalid resize height "a": invalid syntax'], ['GET', '/containers/x/logs', 400, 'Bad parameters: you must choose at least one stream'],
    ['GET', '/nodes', 503, 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'],
    ['POST', '/networks/create', 400, 'invalid name: name is empty'], ['GET', '/events?since=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['GET', '/plugins/x/json', 404, 'plugin "x" not found'], ['GET', '/v1.10/info', 400, undefined], ['POST', '/grpc', 501, 'this daemon cannot build'],
  ] as const) {
    test(`${method} ${path} is answered with ${status}`, async () => {
      const reply = await call(method, path);
      assert.equal(reply.status, status);
      if (message !== undefined) assert.deepEqual(JSON.parse(reply.text), { message });
    });
  }

  test('a container from create to remove', async () => {
    const { Id, Warnings } = await json('POST', '/v1.51/containers/create?name=web', { Image: 'bb:1', ExposedPorts: { '80/tcp': {} }, Labels: { '__proto__': 'x', a: 'b' } });
    assert.deepEqual(Warnings, []);
    const again = await call('POST', '/containers/create?name=web', { Image: 'bb:1' });
    assert.equal(again.status, 409);
    assert.match(JSON.parse(again.text).message, new RegExp(`^Conflict\\. The container name "/web" is already in use by container "${Id}"\\.`));
    assert.equal((await call('POST', '/containers/web/start')).status, 204);
    const twice = await call('POST', '/containers/web/start');
    assert.deepEqual([twice.status, twice.text], [304, '']);
    const [entry] = await json('GET', '/containers/json?filters={"label":["a=b"]}');
    assert.deepEqual([entry.Names, entry.State, entry.Status, entry.Ports], [['/web'], 'running', 'Up 19 seconds', [{ PrivatePort: 80, Type: 'tcp' }]]);
    assert.equal((await json('GET', '/containers/web/json')).NetworkSettings.SandboxKey, '/proc/1234/ns/net');
    assert.equal((await call('POST', '/containers/web/rename?name=/www')).status, 204);
    assert.equal((await call('POST', '/containers/www/pause')).status, 204);
    assert.equal((await json('GET', '/containers/json'))[0].Status, 'Up 19 seconds (Paused)');
    assert.equal((await call('POST', '/containers/www/unpause')).status, 204);
    assert.equal((await call('DELETE', '/containers/www')).status, 409);
    assert.equal((await call('POST', '/containers/www/stop?t=3&signal=SIGINT')).status, 204);
    assert.deepEqual(engine.asked.stop, { signal: 'SIGINT', timeoutSeconds: 3 });
    assert.deepEqual(await json('GET', '/containers/json'), []);
    const [ended] = await json('GET', '/containers/json?all=1&size=1');
    assert.deepEqual([ended.Status, ended.SizeRw, ended.SizeRootFs], ['Exited (137) 19 seconds ago', 4096, 4096 + 1982447]);
    assert.deepEqual(await json('POST', '/containers/prune'), { ContainersDeleted: [Id], SpaceReclaimed: 4096 });
    assert.deepEqual(await json('POST', '/containers/prune'), { ContainersDeleted: null, SpaceReclaimed: 0 });
    const { sizeOf } = engine.containers;
    engine.containers.sizeOf = async () => { throw new GantryError('not-found', 'No such container'); };
    assert.deepEqual(await json('GET', '/containers/json?all=1&size=1'), [], 'what goes while it is measured is not in the list');
    engine.containers.sizeOf = sizeOf;
  });

  test('wait sends its headers before the container ends', async () => {
    const { Id } = await json('POST', '/containers/create', { Image: 'bb:1', HostConfig: { AutoRemove: true } });
    const answered = new Promise<Reply>((resolve, reject) => {
      const req = request({ socketPath, method: 'POST', path: `/containers/${Id}/wait?condition=removed`, agent: false }, (res) => {
        void call('POST', `/containers/${Id}/start`).then(() => engine.exit(Id, 7));
        let text = '';
        res.on('data', (piece) => (text += String(piece)));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
      });
      req.on('error', reject);
      req.end();
    });
    assert.equal((await answered).text, '{"StatusCode":7}\n');
  });

  test('logs have frames, or none for a terminal', async () => {
    engine.logRecords.push({ timeNs: 1_000_000_005n, stream: 1, bytes: Buffer.from('out\n') }, { timeNs: 2_000_000_000n, stream: 2, bytes: Buffer.from('err\n') });
    await call('POST', '/containers/create?name=log', { Image: 'bb:1' });
    await call('POST', '/containers/create?name=tty', { Image: 'bb:1', Tty: true });
    const both = await call('GET', '/containers/log/logs?stdout=1&stderr=1');
    assert.equal(both.headers['content-type'], 'application/vnd.docker.multiplexed-stream');
    assert.equal(both.text, '\x01\0\0\0\0\0\0\x04out\n\x02\0\0\0\0\0\0\x04err\n');
    assert.equal((await call('GET', '/v1.41/containers/log/logs?stdout=1')).headers['content-type'], 'application/vnd.docker.raw-stream');
    assert.equal((await call('GET', '/containers/tty/logs?stdout=1&timestamps=1&details=1')).text, '1970-01-01T00:00:01.000000005Z  out\n');
    engine.logRecords.length = 0;
  });

  test('events: headers at once, those that match, until the client goes', async () => {
    const event = { timeNs: 1795471946326306454n, type: 'container', action: 'start', id: 'abc', attributes: { image: 'bb:1', name: 'x' } } as const;
    const lines: string[] = [];
    const req = request({ socketPath, path: `/events?filters=${encodeURIComponent('{"event":["start"],"image":["bb"]}')}`, agent: false }, (res) => {
      res.on('data', (piece) => lines.push(String(piece)));
      res.on('error', () => {});
      engine.emit(event);
      engine.emit({ ...event, action: 'die' });
    });
    req.on('error', () => {});
    req.end();
    await until(() => lines.length === 1);
    assert.equal(lines[0], '{"status":"start","id":"abc","from":"bb:1","Type":"container","Action":"start","Actor":{"ID":"abc","Attributes":{"image":"bb:1","name":"x"}},"scope":"local","time":1795471946,"timeNano":1795471946326306454}\n');
    assert.equal(engine.listeners, 1);
    req.destroy();
    await until(() => engine.listeners === 0);
    const past = await call('GET', '/events?since=1795471946&until=1795471950');
    assert.equal(past.text.split('\n').length, 3);
  });

  test('images in and out', async () => {
    const imported = await call('POST', '/images/create?fromSrc=-&repo=new&tag=2&changes=CMD%20x', 'x'.repeat(100_000), { 'content-type': 'application/x-tar' });
    assert.match(imported.text, /^\{"status":"sha256:[0-9a-f]{64}"\}\r\n$/);
    assert.deepEqual([engine.asked.import?.reference, engine.asked.import?.changes, engine.asked.importBytes], ['new:2', { Cmd: ['/bin/sh', '-c', 'x'] }, 100_000]);
    const loaded = await call('POST', '/images/load?quiet=0', 'tar');
    assert.match(loaded.text, /"status":"Loading layer".*\r\n\{"stream":"Loaded image: loaded:1\\n"\}\r\n$/s);
    assert.equal((await call('GET', '/images/get?names=bb:1&names=new:2')).headers['content-type'], 'application/x-tar');
    assert.deepEqual([(await call('GET', '/images/nope/get')).status, (await call('POST', '/images/bb:1/tag?repo=other&tag=1')).status], [404, 201]);
    assert.deepEqual((await json('GET', '/images/json?filters={"reference":["oth*"]}')).map((image: { RepoTags: string[] }) => image.RepoTags), [['other:1']]);
    assert.deepEqual(await json('DELETE', '/images/new:2'), [{ Untagged: 'new:2' }, { Deleted: `sha256:${'abc'.padEnd(64, '0')}` }]);
    assert.deepEqual((await json('GET', '/images/bb:1/history')).length, 1);
  });

  test('of an image there is one platform, and another one is refused', async () => {
    const asked = (architecture: string): string => encodeURIComponent(JSON.stringify({ os: 'linux', architecture }));
    for (const path of ['/images/bb:1/json', '/images/bb:1/history', '/images/bb:1/get']) {
      assert.equal((await call('GET', `${path}?platform=${asked('amd64')}`)).status, 200, path);
      const { status, text } = await call('GET', `${path}?platform=${asked('arm64')}`);
      assert.deepEqual([status, JSON.parse(text)], [404, { message: 'image with reference bb:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)' }]);
      assert.equal((await call('GET', `/v1.45${path}?platform=${asked('arm64')}`)).status, 200, 'clients from before it was there');
    }
    const words = async (query: string): Promise<string> => (JSON.parse((await call('GET', `/images/bb:1/history?${query}`)).text) as { message: string }).message;
    assert.match(await words('platform=linux'), /^failed to parse platform: /);
    assert.equal(await words(`platform=${encodeURIComponent('{"os":"linux"}')}`), 'both OS and Architecture must be provided');
    assert.equal(await words(`platform=${asked('amd64')}&platform=${asked('arm64')}`), 'multiple platform parameters not supported');
    assert.equal((await call('GET', `/images/bb:1/json?manifests=1&platform=${asked('amd64')}`)).status, 400);
    assert.equal((await call('POST', `/images/bb/push?tag=1&platform=${asked('arm64')}`)).status, 404);
  });

  test('an image is removed where it is of the platform that was meant, and else it stays', async () => {
    const asked = (architecture: string): string => `platforms=${encodeURIComponent(JSON.stringify({ os: 'linux', architecture }))}`;
    await call('POST', '/images/create?fromSrc=-&repo=doomed&tag=1', 'x', { 'content-type': 'application/x-tar' });
    const refused = async (query: string): Promise<[number, string]> => {
      const { status, text } = await call('DELETE', `/images/doomed:1?${query}`);
      return [status, (JSON.parse(text) as { message: string }).message];
    };
    assert.deepEqual(await refused(asked('arm64')), [404, 'image with reference doomed:1 was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)']);
    assert.deepEqual(await refused(`${asked('amd64')}&${asked('arm64')}`), [400, 'multiple platforms are not supported']);
    assert.match((await refused('platforms=')).join(' '), /^400 failed to parse platform: /);
    assert.equal((await call('DELETE', `/images/doomed:1?${asked('amd64')}`)).status, 200);
  });

  test('a prune without a label or a time gives up the layers of pulls that broke off, too', async () => {
    const filtered = (filters: object) => json('POST', `/images/prune?filters=${encodeURIComponent(JSON.stringify(filters))}`);
    for (const filters of [{ label: ['none'] }, { 'label!': ['none'], dangling: ['true'] }, { until: ['1h'] }]) assert.deepEqual(await filtered(filters), { ImagesDeleted: null, SpaceReclaimed: 0 });
    assert.equal(engine.asked.dropped, undefined);
    assert.deepEqual(await json('POST', '/images/prune'), { ImagesDeleted: null, SpaceReclaimed: 77 });
    assert.equal(engine.asked.dropped, 'all');
  });

  test('commit sends the whole configuration of the image to be', async () => {
    await call('POST', '/containers/create?name=change', { Image: 'bb:1', Env: ['A=1'] });
    const { Id } = await json('POST', '/commit?container=change&repo=c&comment=why&changes=ENV%20B%3D2', {});
    assert.match(Id, /^sha256:/);
    assert.deepEqual({ ...engine.asked.commit?.changes, Labels: {} }, { Cmd: ['sh'], Entrypoint: null, Env: ['A=1', 'B=2'], Labels: {} });
    assert.deepEqual([engine.asked.commit?.reference, engine.asked.commit?.comment, engine.asked.commit?.pause], ['c', 'why', true]);
  });

  test('volumes and disk usage', async () => {
    const made = await json('POST', '/volumes/create', { Name: 'v', Labels: { a: 'b' } });
    assert.deepEqual(made, { CreatedAt: '2026-11-23T22:12:26Z', Driver: 'local', Labels: { a: 'b' }, Mountpoint: '/var/lib/gantry/volumes/v/_data', Name: 'v', Options: null, Scope: 'local' });
    await json('POST', '/volumes/create', {});
    assert.deepEqual(await json('POST', '/volumes/prune'), { VolumesDeleted: ['f'.repeat(64)], SpaceReclaimed: 4096 });
    const usage = await json('GET', '/system/df');
    assert.deepEqual(usage.Volumes.map((volume: { UsageData: object }) => volume.UsageData), [{ RefCount: 0, Size: 4096 }]);
    assert.deepEqual([usage.BuildCache, usage.Images.length, usage.LayersSize], [[], 1, 1982447]);
    assert.deepEqual((await json('GET', '/system/df?type=volume')).Containers, null);
    assert.equal((await call('DELETE', '/volumes/v')).status, 204);
  });

  test('a container of a pod is shown, and changed only where it belongs', async () => {
    const { Id } = await json('POST', '/containers/create?name=pod-c', { Image: 'bb:1' });
    const row = engine.containers.find(Id);
    engine.put({ ...row, spec: { ...row.spec, owner: { front: 'cluster', name: 'default/p' }, front: {} } });
    const refused = await call('POST', `/containers/${Id}/stop`);
    assert.equal(refused.status, 409);
    assert.match(refused.text, /belongs to pod default\/p.*kubectl/);
    assert.deepEqual((await json('GET', `/containers/${Id}/json`)).Config.Cmd, ['sh']);
  });
});

describe('bounds', () => {
  test('a body that is too large is refused before it is read', async () => {
    assert.equal((await call('POST', '/containers/create', undefined, { 'content-length': String(5 * 1024 * 1024), 'content-type': 'application/json' }).catch(() => ({ status: 413 }))).status, 413);
  });

  test('pull and push send their steps as Docker does, byte for byte, and pass the credentials on', async () => {
    const header = { 'x-registry-auth': Buffer.from('{"username":"u","password":"p"}').toString('base64url') };
    const pulled = await call('POST', '/images/create?fromImage=r.example%2Fx&tag=1', '', header);
    assert.equal(pulled.text, [
      '{"status":"Pulling from library/x","id":"1"}',
      '{"status":"Downloading","progressDetail":{"current":32768,"total":3001268},"progress":"[>                                                  ]  32.77kB/3.001MB","id":"aaaa"}',
      '{"status":"Pull complete","progressDetail":{},"id":"aaaa"}', '',
    ].join('\r\n'));
    assert.deepEqual(engine.asked.pull, { reference: 'r.example/x:1', allTags: false, credentials: { kind: 'password', username: 'u', password: 'p' } });
    const digest = `sha256:${'d'.repeat(64)}`;
    assert.match((await call('POST', '/images/bb/push?tag=1', '', { 'x-registry-auth': '!!!' })).text, new RegExp(`"progressDetail":{},"aux":{"Tag":"1","Digest":"${digest}","Size":527}}\r\n$`));
    assert.deepEqual(engine.asked.push, { repository: 'bb', tag: '1', credentials: { kind: 'none' } });
    const failed = await call('POST', '/images/bb/push?tag=none');
    assert.deepEqual([failed.status, failed.text.split('\r\n')[1]], [200, '{"errorDetail":{"message":"tag does not exist: bb:none"},"error":"tag does not exist: bb:none"}']);
  });

  test('login, a look into a registry, and search', async () => {
    assert.deepEqual(await json('POST', '/auth', { username: 'u', password: 'right', serveraddress: 'r.example' }), { IdentityToken: 'refresh', Status: 'Login Succeeded' });
    const refused = await call('POST', '/auth', { username: 'u', password: 'wrong', serveraddress: 'r.example' });
    assert.deepEqual([refused.status, JSON.parse(refused.text).message], [401, 'login attempt to r.example failed with status: 401 Unauthorized']);
    assert.deepEqual((await json('GET', '/distribution/r.example%2Fx%3A1/json')).Platforms, [{ os: 'linux', architecture: 'amd64' }]);
    assert.deepEqual([(await call('GET', '/images/search?term=nginx')).status, (await call('GET', '/images/search')).status], [501, 400]);
  });

  test('a body that is no JSON by its type is refused', async () => {
    const reply = await call('POST', '/containers/create', '{}', { 'content-type': 'text/plain' });
    assert.equal(JSON.parse(reply.text).message, "unsupported Content-Type header (text/plain): must be 'application/json'");
  });

  test('a connection serves one request after the other, also after an error with a body', async () => {
    const client = connect(socketPath);
    let text = '';
    client.on('data', (piece) => (text += String(piece)));
    client.write('POST /nope HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n{}GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n');
    await until(() => text.endsWith('OK') || client.destroyed);
    assert.match(text, /^HTTP\/1.1 404 /);
    client.destroy();
  });
});

test('the list of operations that are there is right', () => {
  const listed = readFileSync(new URL('../../../test/ratchet/docker-api-operations.txt', import.meta.url), 'utf8').trim().split('\n');
  const operations = ROUTES.filter(({ isRefused }) => !isRefused).map(({ method, pattern }) => `${method} ${pattern}`).filter((operation) => operation !== 'GET /networks/').sort();
  assert.deepEqual(listed, operations);
});

test('waits and readings of clients that vanished are let go at once', async () => {
  const { Id } = await json('POST', '/containers/create', { Image: 'bb:1' }) as { Id: string };
  await call('POST', `/containers/${Id}/start`);
  const abandoned: ClientRequest[] = [];
  for (let at = 0; at < 50; at++) {
    for (const path of [`/containers/${Id}/wait?condition=removed`, `/containers/${Id}/logs?follow=1&stdout=1`, '/events', `/containers/${Id}/stats`]) {
      const sent = request({ socketPath, method: path.includes('/wait') ? 'POST' : 'GET', path, agent: false });
      sent.on('error', () => {});
      await new Promise<void>((resolve) => { sent.once('response', (answer) => { answer.on('error', () => {}).resume(); resolve(); }); sent.end(); });
      abandoned.push(sent);
    }
  }
  assert.equal(engine.pendingWaits, 50);
  for (const sent of abandoned) sent.destroy();
  await until(() => engine.pendingWaits === 0);
});
