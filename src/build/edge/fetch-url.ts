import { createHash } from 'node:crypto';
import { createWriteStream, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GantryError, messageOf } from '#base/error.ts';
import type { OperationOf } from '../solver/operation.ts';
import type { Execution } from '../solver/solver.ts';
import type { ExecutorPorts } from './step-executor.ts';

/** A file of a server, in a directory of its own, mode 0600, with the time that the server says. */
export async function fetchUrl(op: OperationOf<'url'>, { contexts }: ExecutorPorts, { signal }: Pick<Execution, 'signal' | 'log'>): Promise<{ readonly path: string; readonly release: () => void }> {
  const { protocol } = new URL(op.url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new GantryError('invalid', `ADD of ${op.url}: only http and https are fetched`);
  const place = await contexts.scratch();
  try {
    const response = await fetch(op.url, { signal }).catch((cause: unknown) => {
      throw new GantryError('unavailable', `failed to load ${op.url}: ${reasonOf(cause)}`, { cause });
    });
    if (!response.ok || response.body === null) throw new GantryError('invalid', `failed to load cache key: invalid response status ${response.status}`);
    const hash = createHash('sha256');
    const path = join(place.path, basename(op.fileName));
    await pipeline(Readable.fromWeb(response.body as never), async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    }, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    const digest = `sha256:${hash.digest('hex')}`;
    if (op.checksum !== undefined && op.checksum !== digest) throw new GantryError('invalid', `digest mismatch ${digest}: ${op.checksum}`);
    const modified = Date.parse(response.headers.get('last-modified') ?? '');
    const seconds = Number.isNaN(modified) ? 0 : modified / 1000;
    utimesSync(path, seconds, seconds);
    return place;
  } catch (thrown) {
    place.release();
    throw thrown;
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.cause !== undefined ? messageOf(thrown.cause) : messageOf(thrown);
}
