import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { registryFiles, sha256 } from '../layered-image.ts';

/** Where an engine finds its registry, in its own network namespace. */
export const PORT = 5000;
export const REGISTRY = `127.0.0.1:${PORT}`;
/** The layered image, as gzip(1) compressed it: the same blobs for every engine. */
export const SEEDED = 'bench/pull:1';

export interface LocalRegistry {
  readonly stop: () => Promise<void>;
}

/** A registry beside an engine, so that what is measured is the engine: the same program, content and disk for each. */
export async function startLocalRegistry(checkout: string, state: string, engine: string, daemonPid: number): Promise<LocalRegistry> {
  const root = registryOf(state, engine);
  rmSync(root, { recursive: true, force: true });
  execFileSync('cp', ['-a', seedOf(state), root]);
  const child = serve(checkout, root, `0.0.0.0:${PORT}`, ['nsenter', `--net=/proc/${daemonPid}/ns/net`]);
  await sleep(1500);
  return { stop: () => end(child) };
}

/** Takes from it what pushes have brought: it keeps a blob once for all repositories, and would find it there, or have to free it, with the next push. */
export function forgetPushes(state: string, engine: string): void {
  const [seed, kept] = [seedOf(state), registryOf(state, engine)].map((root) => join(root, 'blobs/sha256')) as [string, string];
  for (const name of readdirSync(kept)) if (!existsSync(join(seed, name))) rmSync(join(kept, name));
}

/** Puts the layered image into a registry once, whose directory is then copied. */
export async function seedRegistry(checkout: string, state: string): Promise<void> {
  const root = seedOf(state);
  if (existsSync(root)) return;
  const port = await freePort();
  const child = serve(checkout, `${root}.new`, `127.0.0.1:${port}`, []);
  try {
    const [repository = '', tag = ''] = SEEDED.split(':');
    const base = `http://127.0.0.1:${port}/v2/${repository}`;
    for (let attempt = 0; !await fetch(`http://127.0.0.1:${port}/v2/`).then(({ ok }) => ok, () => false) && attempt < 100; attempt += 1) await sleep(100);
    const { blobs, manifest } = registryFiles(state);
    for (const path of blobs) {
      const location = (await fetch(`${base}/blobs/uploads/`, { method: 'POST' })).headers.get('location') ?? '';
      const url = new URL(location, base);
      url.searchParams.set('digest', sha256(path));
      await succeeded(fetch(url, { method: 'PUT', body: readFileSync(path), headers: { 'Content-Type': 'application/octet-stream' } }));
    }
    const document = readFileSync(manifest, 'utf8');
    await succeeded(fetch(`${base}/manifests/${tag}`, { method: 'PUT', body: document, headers: { 'Content-Type': (JSON.parse(document) as { mediaType: string }).mediaType } }));
  } finally {
    await end(child);
  }
  renameSync(`${root}.new`, root);
}

const registryOf = (state: string, engine: string): string => join(state, `registry-${engine}`);
const seedOf = (state: string): string => join(state, 'registry-seed');

async function succeeded(answer: Promise<Response>): Promise<void> {
  const { ok, status, url } = await answer;
  if (!ok) throw new Error(`the registry answers ${url} with ${status}`);
}

function serve(checkout: string, root: string, address: string, prefix: readonly string[]): ChildProcess {
  mkdirSync(root, { recursive: true });
  const log = openSync(`${root}.log`, 'w');
  const [program = '', ...args] = [...prefix, join(checkout, 'gantry'), 'registry', 'serve', '--addr', address, '--root', root, '--gc-every', '0'];
  const child = spawn(program, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await gone;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
