import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';
import { ask, exchangeRaw } from '../world/http.ts';

/* What the API makes of requests that are no requests, or more than one. */

const SMUGGLED = 'DELETE /containers/victim?force=1 HTTP/1.1\r\nHost: d\r\n\r\n';
const POST = 'POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n';
const LONGEST_MS = 3000;
const MIB = 1 << 20;

/** Messages in whose length or end two readers could disagree, each with a request inside that must not be heard. */
const CORPUS: Readonly<Record<string, string>> = {
  'both lengths': `${POST}Content-Length: ${SMUGGLED.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'both lengths, the other way round': `${POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'an unknown coding': `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'chunked is not last': `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'two codings': `${POST}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a folded coding': `${POST}Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a space before the colon': `${POST}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a tab in the name': `${POST}Transfer\tEncoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'two lengths that differ': `${POST}Content-Length: 2\r\nContent-Length: ${SMUGGLED.length + 2}\r\n\r\n{}${SMUGGLED}`,
  'a list of lengths': `${POST}Content-Length: 2, ${SMUGGLED.length + 2}\r\n\r\n{}${SMUGGLED}`,
  'a length with a sign': `${POST}Content-Length: +2\r\n\r\n{}${SMUGGLED}`,
  'a negative length': `${POST}Content-Length: -2\r\n\r\n{}${SMUGGLED}`,
  'a length in hexadecimal': `${POST}Content-Length: 0x2\r\n\r\n{}${SMUGGLED}`,
  'a length with a space inside': `${POST}Content-Length: 2 0\r\n\r\n{}${SMUGGLED}`,
  'an empty length': `${POST}Content-Length: \r\n\r\n${SMUGGLED}`,
  'a length beyond counting': `${POST}Content-Length: 99999999999999999999\r\n\r\n{}${SMUGGLED}`,
  'a chunk size with words': `${POST}Transfer-Encoding: chunked\r\n\r\n2 x\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
  'a chunk size that wraps': `${POST}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
  'a chunk without its end': `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n${SMUGGLED}`,
  'a chunk extension with a bare line feed': `${POST}Transfer-Encoding: chunked\r\n\r\n2;a\n{}\r\n0\r\n\r\n${SMUGGLED}`,
  'bare line feeds': `POST /containers/create HTTP/1.1\nHost: d\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n${SMUGGLED}`,
  'a bare carriage return in a value': `${POST}X: a\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'a NUL in a value': `${POST}X: a\0b\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`,
  'a header without a colon': `${POST}Content-Length 5\r\n\r\n${SMUGGLED}`,
  'a header without a name': `${POST}: x\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`,
  'a line before the headers that begins with a space': `POST /containers/create HTTP/1.1\r\n Host: d\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`,
  'an old version': `POST /containers/create HTTP/0.9\r\n\r\n${SMUGGLED}`,
  'a version of its own': `POST /containers/create HTTP/1.1x\r\nHost: d\r\n\r\n${SMUGGLED}`,
  'no host': `POST /containers/create HTTP/1.1\r\n\r\n${SMUGGLED}`,
  'an upgrade that hides a request in its body': `POST /containers/nosuch/attach?stream=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'a body on a GET': `GET /containers/json HTTP/1.1\r\nHost: d\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
};

describe('requests that are none', { skip: whyNoImage() ?? false }, () => {
  let daemon: TestDaemon;

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
  });

  after(async () => {
    await daemon?.destroy();
  });

  const exists = async (): Promise<boolean> => (await ask(daemon.socket, 'GET', '/containers/victim/json')).status === 200;

  describe('S-607 smuggling', () => {
    before(() => void daemon.ok('create', '--name', 'victim', 'busybox'));
    after(() => void daemon.docker('rm', 'victim'));

    for (const [name, bytes] of Object.entries(CORPUS)) {
      test(name, async () => {
        const heard = await exchangeRaw(daemon.socket, bytes, 300);
        assert.ok(await exists(), `the request inside was heard: ${heard}`);
        assert.ok(heard.split('HTTP/1.1 ').length <= 2, `one answer at most: ${heard}`);
      });
    }

    test('a request that follows by the rules is heard: the corpus would be, too', async () => {
      const heard = await exchangeRaw(daemon.socket, `${POST}Content-Length: 2\r\n\r\n{}${SMUGGLED}`, 1000);
      assert.equal(heard.split('HTTP/1.1 ').length, 3, heard);
      assert.equal(await exists(), false);
    });
  });

  test('S-608 names that lead elsewhere name nothing', async () => {
    const names = ['..%2f..%2fx', '%2e%2e', '..', '%00', 'a%00b', 'a/b', 'a%2fb', '%5c..', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '.', '%20', '%0a', '%ff', '__proto__', 'constructor', 'a'.repeat(4096)];
    for (const name of names) {
      for (const [method, path] of [['GET', `/containers/${name}/json`], ['POST', `/containers/${name}/start`], ['DELETE', `/containers/${name}`], ['GET', `/containers/${name}/logs?stdout=1`], ['GET', `/containers/${name}/archive?path=/`], ['GET', `/images/${name}/json`], ['DELETE', `/images/${name}`], ['GET', `/volumes/${name}`], ['DELETE', `/volumes/${name}`], ['GET', `/networks/${name}`], ['DELETE', `/networks/${name}`], ['GET', `/exec/${name}/json`]] as const) {
        const answer = await ask(daemon.socket, method, path);
        assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${path.slice(0, 80)}: ${answer.status} ${answer.text}`);
        assert.ok((answer.message ?? '') !== '', `${method} ${path.slice(0, 80)}: ${answer.text}`);
      }
    }
    for (const name of ['../x', '/x', 'a/b', '.x', 'x\0', '-', 'x'.repeat(300)]) {
      const volume = await ask(daemon.socket, 'POST', '/volumes/create', { body: JSON.stringify({ Name: name }) });
      if (name.length < 255) assert.equal(volume.status, 400, `${name}: ${volume.text}`);
      else assert.ok(volume.status >= 400, volume.text);
      const container = await ask(daemon.socket, 'POST', `/containers/create?name=${encodeURIComponent(name)}`, { body: '{"Image":"busybox"}' });
      if (container.status === 201) await ask(daemon.socket, 'DELETE', `/containers/${(JSON.parse(container.text) as { Id: string }).Id}`);
      assert.ok(container.status === 400 || (name === '/x' && container.status === 201) || name.length > 255, `${name}: ${container.text}`);
    }
  });

  test('S-609 keys that JavaScript has plans with are keys', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']) {
      const polluting = `{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}`;
      const body = `${polluting},"Image":"busybox","Labels":{"${key}":"mine"},"Env":["${key}=mine"],"ExposedPorts":{},"HostConfig":{"Annotations":{"${key}":"mine"},"Sysctls":{},"Tmpfs":{},"LogConfig":{"Type":"json-file","Config":{}},"PortBindings":{}},"NetworkingConfig":{"EndpointsConfig":{"bridge":{"DriverOpts":{"${key}":"mine"}}}}}`;
      const made = await ask(daemon.socket, 'POST', '/containers/create', { body });
      assert.equal(made.status, 201, made.text);
      const { Id } = JSON.parse(made.text) as { Id: string };
      const { Config } = JSON.parse((await ask(daemon.socket, 'GET', `/containers/${Id}/json`)).text) as { Config: { Labels: object; Env: string[] } };
      assert.equal(Object.getOwnPropertyDescriptor(Config.Labels, key)?.value, 'mine');
      const volume = await ask(daemon.socket, 'POST', '/volumes/create', { body: `${polluting},"Name":"keyed","Labels":{"${key}":"mine"}}` });
      assert.equal(volume.status, 201, volume.text);
      assert.ok(volume.text.includes(`"${key}":"mine"`), volume.text);
      const network = await ask(daemon.socket, 'POST', '/networks/create', { body: `${polluting},"Name":"keyed","Labels":{"${key}":"mine"}}` });
      if (network.status !== 501) assert.equal(network.status, 201, network.text);
      for (const path of ['/containers/json', '/images/json', '/volumes', '/networks']) {
        const odd = await ask(daemon.socket, 'GET', `${path}?filters=${encodeURIComponent(`{"${key}":{"a":true}}`)}`);
        assert.equal(odd.status, 400, `${path}: ${odd.text}`);
      }
      assert.equal((await ask(daemon.socket, 'GET', `/containers/${key}/json`)).status, 404);
      const plain = await ask(daemon.socket, 'POST', '/containers/create', { body: '{"Image":"busybox"}' });
      const inspected = await ask(daemon.socket, 'GET', `/containers/${(JSON.parse(plain.text) as { Id: string }).Id}/json`);
      assert.doesNotMatch(inspected.text, /polluted|"mine"/);
      for (const each of [Id, (JSON.parse(plain.text) as { Id: string }).Id]) await ask(daemon.socket, 'DELETE', `/containers/${each}`);
      await ask(daemon.socket, 'DELETE', '/volumes/keyed');
      await ask(daemon.socket, 'DELETE', '/networks/keyed');
    }
    assert.doesNotMatch((await ask(daemon.socket, 'GET', '/info')).text, /polluted/);
  });

  test('S-610 what is large or hard is refused or done at once, and others are served meanwhile', async () => {
    const large = 'a'.repeat(MIB);
    const json = (value: unknown): { body: string } => ({ body: JSON.stringify({ Image: 'busybox', ...value as object }) });
    const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const cases: readonly (readonly [string, string, { body?: string }])[] = [
      ['POST', '/containers/create', json({ Image: large })], ['POST', '/containers/create', json({ Image: `${'a/'.repeat(MIB / 2)}a:b` })], ['POST', '/containers/create', json({ Hostname: large })], ['POST', '/containers/create', json({ User: large })],
      ['POST', '/containers/create', json({ HostConfig: { CpusetCpus: '0-9999999999' } })], ['POST', '/containers/create', json({ HostConfig: { CpusetCpus: '0,'.repeat(100_000) } })], ['POST', '/containers/create', json({ HostConfig: { Binds: [`/${large}:/x`] } })],
      ['POST', '/containers/create', json({ HostConfig: { PortBindings: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`${index + 1}/tcp`, [{ HostPort: 'x' }]])) } })], ['POST', '/containers/create', json({ ExposedPorts: { '1-99999/tcp': {} } })],
      ['POST', '/containers/create', { body: `{"Image":"busybox","Labels":${deep(200)}}` }], ['POST', '/containers/create', { body: `{"Image":"nosuch","Unknown":${deep(200)}}` }], ['POST', '/containers/create', json({ StopSignal: large })], ['POST', '/containers/create', json({ Healthcheck: { Test: [large] } })],
      ['POST', `/containers/create?name=${'a'.repeat(100_000)}`, json({})], ['GET', `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ name: ['^(a+)+$'.repeat(100)] }))}`, {}], ['GET', `/containers/json?filters=${encodeURIComponent(`{"label":${JSON.stringify(Array.from({ length: 5000 }, () => 'x'))}}`)}`, {}],
      ['GET', `/images/json?filters=${encodeURIComponent(JSON.stringify({ reference: ['*'.repeat(1000)] }))}`, {}], ['GET', `/images/${'a/'.repeat(20_000)}x/json`, {}], ['GET', `/containers/${'a'.repeat(100_000)}/json`, {}], ['POST', '/volumes/create', { body: JSON.stringify({ Name: large }) }],
    ];
    daemon.ok('create', '--name', `${'a'.repeat(60)}b`, 'busybox');
    for (const [method, path, more] of cases) {
      const started = performance.now();
      const [answer, ping] = await Promise.all([ask(daemon.socket, method, path, more), pinged()]);
      const took = performance.now() - started;
      assert.ok(answer.status < 500, `${method} ${path.slice(0, 60)} ${more.body?.slice(0, 60)}: ${answer.status} ${answer.text.slice(0, 300)}`);
      assert.ok(answer.text.length < 64 * 1024 || answer.status === 200, `an answer of ${answer.text.length} bytes to ${path.slice(0, 60)} ${more.body?.slice(0, 60)}`);
      assert.ok(took < LONGEST_MS && ping < LONGEST_MS, `${method} ${path.slice(0, 60)} ${more.body?.slice(0, 60)}: ${Math.round(took)} ms, a ping meanwhile ${Math.round(ping)} ms`);
      if (answer.status === 201 && path.startsWith('/containers')) await ask(daemon.socket, 'DELETE', `/containers/${(JSON.parse(answer.text) as { Id: string }).Id}`);
    }
    daemon.ok('rm', `${'a'.repeat(60)}b`);
  });

  async function pinged(): Promise<number> {
    const started = performance.now();
    await ask(daemon.socket, 'GET', '/_ping');
    return performance.now() - started;
  }
});
