import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import type { Hasher } from '#base/hasher.ts';
import { MemoryStore } from '#store/memory.ts';
import { OPEN } from '../server/access.ts';
import { RegistryHandler } from '../server/handler.ts';
import { RegistryMetrics } from '../server/metrics.ts';
import { readOnly } from '../server/read-only.ts';
import { StoredContent } from '../server/stored-content.ts';
import { RegistryServer } from './registry-server.ts';

// A registry for a file of tests, as the OCI distribution spec 1.1 describes one, and what its clients do.

const logged: string[] = [];
/** Filled in before the first test. */
export const registry = { port: 0, readOnlyPort: 0, content: undefined as unknown as StoredContent };
const servers: RegistryServer[] = [];

/** @param open gives a place in a directory where what is pushed is kept */
export function conformanceRegistry(open: (directory: string) => Promise<Pick<ConstructorParameters<typeof StoredContent>[0], 'blobs' | 'uploads'>>, hasher: Hasher): void {
  const directory = mkdtempSync(`${tmpdir()}/gantry-conformance-`);
  before(async () => {
    const content = new StoredContent({ ...await open(directory), store: new MemoryStore() });
    const serve = async (what: StoredContent | ReturnType<typeof readOnly>): Promise<number> => {
      const handler = new RegistryHandler({ content: what, access: OPEN, hasher, log: (line) => logged.push(line) });
      const server = new RegistryServer({ handle: (asked) => handler.handle(asked), metrics: new RegistryMetrics(), log: (line) => logged.push(line) });
      servers.push(server);
      return server.listen('127.0.0.1', 0);
    };
    Object.assign(registry, { content, port: await serve(content), readOnlyPort: await serve(readOnly(content)) });
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close(0)));
    rmSync(directory, { recursive: true });
  });
}

/** The last test of a file. */
export function nothingFailed(): void {
  test('nothing of all this was a failure', () => {
    assert.deepEqual(logged, []);
  });
}

export interface Answer { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }

export function ask(method: string, path: string, { body, headers = {}, on = registry.port }: { body?: string | Buffer; headers?: Record<string, string>; on?: number } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: on, method, path, headers: { ...(body === undefined || headers['Transfer-Encoding'] !== undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }), ...headers }, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) })).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}
export const digestOf = (bytes: string | Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
export const pathOf = (answer: Answer): string => new URL(answer.headers.location ?? '', 'http://x').pathname;
export const codeOf = ({ body }: Answer): string => (JSON.parse(body.toString()) as { errors: { code: string }[] }).errors[0]?.code ?? '';

export async function pushBlob(name: string, bytes: string | Buffer): Promise<string> {
  const digest = digestOf(bytes);
  const begun = await ask('POST', `/v2/${name}/blobs/uploads/`, { body: '' });
  assert.equal(begun.status, 202);
  assert.equal((await ask('PUT', `${pathOf(begun)}?digest=${digest}`, { body: bytes, headers: { 'Content-Type': 'application/octet-stream' } })).status, 201);
  return digest;
}

export const OCI = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const describeBlob = (bytes: string, mediaType = 'application/vnd.oci.image.config.v1+json'): object => ({ mediaType, digest: digestOf(bytes), size: bytes.length });
export const manifestOf = (config: string, layer: string, more: object = {}): string => JSON.stringify({
  schemaVersion: 2, mediaType: OCI, config: describeBlob(config), layers: [describeBlob(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')], ...more,
});
export async function pushManifest(name: string, reference: string, manifest: string, type = OCI): Promise<Answer> {
  return ask('PUT', `/v2/${name}/manifests/${reference}`, { body: manifest, headers: { 'Content-Type': type } });
}
export async function pushImage(name: string, tag: string, mark: string, more: object = {}): Promise<{ manifest: string; digest: string }> {
  await pushBlob(name, `config ${mark}`);
  await pushBlob(name, `layer ${mark}`);
  const manifest = manifestOf(`config ${mark}`, `layer ${mark}`, more);
  assert.equal((await pushManifest(name, tag, manifest)).status, 201);
  return { manifest, digest: digestOf(manifest) };
}
