import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SystemClock } from '#base/edge/system-clock.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { lockFile } from '#container/host/edge/linux/flock.ts';
import type { DiskBlobs } from '#image/blob/edge/disk-blobs.ts';
import { openDisk } from '#image/blob/edge/open-disk.ts';
import { NO_CREDENTIALS } from '#image/registry/credentials.ts';
import { HtpasswdPasswords } from '#image/registry/edge/htpasswd-passwords.ts';
import { RegistryServer } from '#image/registry/edge/registry-server.ts';
import { OPEN, type AccessControl, type Asker } from '#image/registry/server/access.ts';
import { CacheEviction, type CacheLimit } from '#image/registry/server/cache-eviction.ts';
import { CachedContent } from '#image/registry/server/cached-content.ts';
import type { RegistryContent } from '#image/registry/server/content.ts';
import type { RegistryReply, RegistryRequest } from '#image/registry/server/exchange.ts';
import { RegistryHandler } from '#image/registry/server/handler.ts';
import { RegistryMetrics } from '#image/registry/server/metrics.ts';
import { PasswordAccess } from '#image/registry/server/password-access.ts';
import { readOnly } from '#image/registry/server/read-only.ts';
import { StoredContent } from '#image/registry/server/stored-content.ts';
import { TokenAccess, type TokenSigner } from '#image/registry/server/token-access.ts';
import { tokenPlace, type TokenPlace } from '#image/registry/server/token-place.ts';
import { openSqliteStore } from '#store/edge/sqlite.ts';
import { diskUse } from '../disk-use.ts';
import { Housekeeping } from './housekeeping.ts';
import { registriesOfThisMachine } from './registries.ts';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly root: string;
  readonly htpasswd?: string;
  readonly auth: 'basic' | 'bearer';
  readonly anonymousPull: boolean;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly readOnly: boolean;
  readonly upstream?: Upstream;
  readonly collectEveryMs: number;
  readonly graceMs: number;
  readonly log: (line: string) => void;
}

/** A registry that is pulled through. */
export interface Upstream {
  readonly registry: string;
  /** It may speak plain HTTP. */
  readonly insecure: boolean;
  /** Bytes that may be kept of it. */
  readonly size: number | undefined;
  /** Per cent of the disk. */
  readonly watermarks: { readonly high: number; readonly low: number } | undefined;
}

const END_MS = 10_000;
/** Of `--cache-size`. */
const SIZE_WATERMARKS = { high: 100, low: 90 };

/** A registry's directory: blobs, uploads under way, and who has what. One process at a time. */
export async function openRegistry(root: string): Promise<{ readonly blobs: DiskBlobs; readonly content: StoredContent; readonly close: () => Promise<void> }> {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const lock = lockFile(`${root}/lock`, `registry root ${root}`);
  const { blobs, uploads } = await openDisk(`${root}/blobs`);
  const { store } = await openSqliteStore(`${root}/registry.db`);
  const content = new StoredContent({ blobs, store, uploads });
  return { blobs, content, close: async () => { await store.close(); lock.release(); } };
}

/** Runs until a signal asks it to end. */
export async function serveRegistry(options: ServeOptions): Promise<void> {
  const { log, root, upstream } = options;
  const clock = new SystemClock();
  const { blobs, content: stored, close } = await openRegistry(root);
  const metrics = new RegistryMetrics();
  const housekeeping = new Housekeeping({
    content: stored, collectEveryMs: options.collectEveryMs, graceMs: options.graceMs, clock, metrics, log,
    eviction: upstream && new CacheEviction({ content: stored, blobs, limits: limitsOf(root, upstream), graceMs: options.graceMs, clock, metrics, log }),
  });
  const content: RegistryContent = upstream === undefined ? options.readOnly ? readOnly(stored) : stored : new CachedContent({
    local: stored, blobs, upstream: upstream.registry, credentials: NO_CREDENTIALS, clock,
    registries: registriesOfThisMachine(upstream.insecure ? [upstream.registry] : []), fetched: () => housekeeping.grew(),
  });
  let shown = '';
  const { access, token } = accessOf(options, clock, (asker) => tokenPlace(asker, options.tls !== undefined, shown));
  const handler = new RegistryHandler({ content, access, hasher: new SystemHasher(), log });
  const handle = (request: RegistryRequest): Promise<RegistryReply> => (token !== undefined && request.path === '/token'
    ? token.issue(request) : handler.handle(request));
  const server = new RegistryServer({ handle, metrics, log, ...(options.tls === undefined ? {} : { tls: { cert: readFileSync(options.tls.cert, 'utf8'), key: readFileSync(options.tls.key, 'utf8') } }) });
  const port = await server.listen(options.host, options.port);
  shown = `${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
  log(`registry ready: ${shown}; root ${root}${upstream === undefined ? '' : `; pulls through from ${upstream.registry}`}`);
  await new Promise<void>((resolve) => { for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve()); });
  await server.close(END_MS);
  await housekeeping.end();
  await close();
}

function limitsOf(root: string, { size, watermarks }: Upstream): CacheLimit[] {
  return [
    ...(size === undefined ? [] : [{ what: 'the cache', use: async (bytes: number) => ({ total: size, free: size - bytes }), watermarks: SIZE_WATERMARKS }]),
    ...(watermarks === undefined ? [] : [{ what: 'the disk of the cache', use: () => diskUse(root), watermarks }]),
  ];
}

function accessOf(options: ServeOptions, clock: SystemClock, place: (asker: Asker) => TokenPlace): { readonly access: AccessControl; readonly token: TokenAccess | undefined } {
  if (options.htpasswd === undefined) return { access: OPEN, token: undefined };
  const passwords = new HtpasswdPasswords(options.htpasswd, options.log);
  const rules = { realm: 'gantry registry', anonymousPull: options.anonymousPull };
  if (options.auth === 'basic') return { access: new PasswordAccess(passwords, rules), token: undefined };
  const token = new TokenAccess({ passwords, signer: signerOf(options.root), clock, rules, place });
  return { access: token, token };
}

/** HMAC with a key of the registry's own, kept so that tokens outlive a restart. */
function signerOf(root: string): TokenSigner {
  const path = `${root}/token.key`;
  let key: Buffer;
  try {
    key = readFileSync(path);
  } catch {
    key = randomBytes(32);
    writeFileSync(path, key, { mode: 0o600, flag: 'wx', flush: true });
  }
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  return {
    sign,
    verify: (text, signature) => {
      const [ours, theirs] = [Buffer.from(sign(text)), Buffer.from(signature)];
      return ours.length === theirs.length && timingSafeEqual(ours, theirs);
    },
  };
}
