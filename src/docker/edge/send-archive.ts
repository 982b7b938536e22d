import type { Exchange } from './exchange.ts';
import { drained } from './log-writer.ts';

/**
 * Answers with a tar as it comes. The first piece comes before the headers, so that what can't be read at all is an error
 * of HTTP; where it breaks off later the connection does too, for a short archive must not look like a whole one.
 */
export async function sendArchive(exchange: Exchange, tar: AsyncIterable<Uint8Array>, headers: readonly string[] = [], type = 'application/x-tar'): Promise<void> {
  const { res } = exchange;
  const pieces = tar[Symbol.asyncIterator]();
  // A client that is gone is not waited for, nor is what would still be read for it.
  const leave = (): void => void pieces.return?.()?.catch(() => {});
  res.on('close', leave);
  try {
    let piece = await pieces.next();
    const acceptsGzip = /\bgzip\b/.test(String(exchange.req.headers['accept-encoding'] ?? ''));
    const sink = acceptsGzip ? (await import('node:zlib')).createGzip({ level: 1 }) : res;
    exchange.writeHead(200, ['Content-Type', type, ...(acceptsGzip ? ['Content-Encoding', 'gzip'] : []), ...headers]);
    res.flushHeaders();
    if (sink !== res) sink.pipe(res);
    // One listener for all pieces: a slow client has us wait for it at each.
    const gone = new Promise<void>((resolve) => { if (res.closed) resolve(); else res.once('close', () => resolve()); });
    for (; piece.done !== true && !res.destroyed; piece = await pieces.next()) {
      if (!sink.write(piece.value)) await Promise.race([drained(sink as typeof res), gone]);
    }
    sink.end();
  } finally {
    await pieces.return?.();
  }
}
