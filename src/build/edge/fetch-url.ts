import { createHash } from 'node:crypto';
import { createWriteStream, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GantryError } from '#base/error.ts';
import { ANYWHERE } from '#image/registry/reach.ts';
import type { HttpResponse, Transport } from '#image/registry/transport.ts';
import type { OperationOf } from '../solver/operation.ts';
import type { Execution } from '../solver/solver.ts';
import type { ExecutorPorts } from './step-executor.ts';

const MOST_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * A file of a server, in a directory of its own, mode 0600, with the time that the server says. By the proxies, authorities and client
 * certificates that pulls go by; a redirect leads wherever it says, for the Dockerfile's author trusts the server.
 */
export async function fetchUrl(op: OperationOf<'url'>, { contexts, transport }: Pick<ExecutorPorts, 'contexts' | 'transport'>, { signal }: Pick<Execution, 'signal' | 'log'>): Promise<{ readonly path: string; readonly release: () => void }> {
  const url = new URL(op.url);
  if (!isWeb(url)) throw new GantryError('invalid', `ADD of ${op.url}: only http and https are fetched`);
  const place = await contexts.scratch();
  try {
    const response = await get(url, transport, signal);
    if (response.status < 200 || response.status > 299) {
      response.discard();
      throw new GantryError('invalid', `failed to load cache key: invalid response status ${response.status}`);
    }
    const stop = (): void => response.discard();
    signal.addEventListener('abort', stop, { once: true });
    const hash = createHash('sha256');
    const path = join(place.path, basename(op.fileName));
    await pipeline(response.body, async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    }, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    signal.removeEventListener('abort', stop);
    const digest = `sha256:${hash.digest('hex')}`;
    if (op.checksum !== undefined && op.checksum !== digest) throw new GantryError('invalid', `digest mismatch ${digest}: ${op.checksum}`);
    const modified = Date.parse(response.header('last-modified') ?? '');
    const seconds = Number.isNaN(modified) ? 0 : modified / 1000;
    utimesSync(path, seconds, seconds);
    return place;
  } catch (thrown) {
    place.release();
    throw thrown;
  }
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

async function get(first: URL, transport: Transport, signal: AbortSignal): Promise<HttpResponse> {
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const exchange = await transport.send({ method: 'GET', url: url.href, headers: {}, certificatesOf: url.host, verifiesCertificate: true, reach: ANYWHERE });
    if (exchange.kind === 'failure') throw new GantryError('unavailable', `failed to load ${first.href}: ${exchange.message}`, exchange.hint === undefined ? {} : { hint: exchange.hint });
    const { response } = exchange;
    const location = response.header('location');
    if (!signal.aborted && (!REDIRECTS.has(response.status) || location === undefined)) return response;
    response.discard();
    if (signal.aborted) throw new GantryError('interrupted', 'the build was given up');
    if (redirects === MOST_REDIRECTS) throw new GantryError('invalid', `failed to load ${first.href}: it redirects more than ${MOST_REDIRECTS} times`);
    const next = URL.parse(location ?? '', url);
    if (next === null || !isWeb(next)) throw new GantryError('invalid', `failed to load ${first.href}: it redirects to ${JSON.stringify(location?.slice(0, 200))}`);
    url = next;
  }
}
