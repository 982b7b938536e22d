import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { HttpTransport } from '#image/registry/edge/http-transport.ts';
import { proxyEnvironment } from '#image/registry/proxy-choice.ts';
import type { ContextStore } from './context/context-store.ts';
import { fetchUrl } from './fetch-url.ts';

/** Fetches a path of a server that answers `/file`, leads there from `/moved`, elsewhere from `/away`, and in a circle from `/round`. */
async function fetched(context: TestContext, path: string, how: { readonly env?: NodeJS.ProcessEnv; readonly host?: string; readonly checksum?: string } = {}): Promise<{ readonly path: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, answer) => {
    asked.push(url);
    if (url.endsWith('/file')) answer.setHeader('Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT').end('content');
    else if (url === '/moved') answer.writeHead(302, { Location: '/file' }).end('elsewhere');
    else if (url === '/away') answer.writeHead(301, { Location: 'ftp://127.0.0.1/file' }).end();
    else if (url === '/round') answer.writeHead(307, { Location: '/round' }).end();
    else answer.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const directory = mkdtempSync(join(tmpdir(), 'gantry-fetch-'));
  context.after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  });
  const env = how.env === undefined ? {} : { ...how.env, HTTP_PROXY: own };
  const transport = new HttpTransport({ certificates: '/nonexistent', userAgent: 'test', proxies: proxyEnvironment(env), env });
  const contexts = { scratch: async () => ({ path: directory, release: () => {} }) } as Pick<ContextStore, 'scratch'> as ContextStore;
  const place = await fetchUrl({ kind: 'url', title: '', url: `${how.host ?? own}${path}`, fileName: 'name', checksum: how.checksum }, { contexts, transport }, { signal: new AbortController().signal, log: () => {} });
  return { path: join(place.path, 'name'), asked };
}

test('a file comes with the time of its server, also by a redirect', async (context) => {
  const { path, asked } = await fetched(context, '/moved');
  assert.equal(readFileSync(path, 'utf8'), 'content');
  assert.equal(statSync(path).mtime.toISOString(), '2026-01-01T00:00:00.000Z');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(asked, ['/moved', '/file']);
});

test('a proxy of the environment is asked', async (context) => {
  const { path, asked } = await fetched(context, '/file', { env: {}, host: 'http://files.invalid:6000' });
  assert.equal(readFileSync(path, 'utf8'), 'content');
  assert.deepEqual(asked, ['http://files.invalid:6000/file']);
});

test('what is not there, leads nowhere or is another file is refused', async (context) => {
  await assert.rejects(fetched(context, '/none'), /invalid response status 404/);
  await assert.rejects(fetched(context, '/away'), /it redirects to "ftp:/);
  await assert.rejects(fetched(context, '/round'), /it redirects more than 10 times/);
  await assert.rejects(fetched(context, '/file', { checksum: `sha256:${'0'.repeat(64)}` }), /digest mismatch sha256:/);
  await assert.rejects(fetched(context, '/file', { host: 'http://127.0.0.1:1' }), /failed to load http:\/\/127\.0\.0\.1:1\/file: .*127\.0\.0\.1:1/);
});
