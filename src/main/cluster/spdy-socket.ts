import type { Duplex } from 'node:stream';
import { createInflate } from 'node:zlib';
import type { Transport } from '#cluster/api/spdy/connection.ts';
import { headerDictionary } from '#cluster/api/spdy/dictionary.ts';

/** Of one header block, unpacked: a few dozen bytes are usual. */
const LARGEST_BLOCK = 64 * 1024;
const DICTIONARY = headerDictionary();

/** The connection is the protocol's from now on. @param streams the version of what its streams are for */
export function switchProtocols(socket: Duplex, upgrade: string, streams: string): void {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\nX-Stream-Protocol-Version: ${streams}\r\n\r\n`);
}

/** All header blocks of a connection are one stream: each answers with what it adds. */
export function headerInflater(): (block: Uint8Array) => Promise<Uint8Array> {
  const inflate = createInflate({ dictionary: DICTIONARY });
  const failed = new Promise<never>((_, reject) => inflate.once('error', reject));
  failed.catch(() => {});
  let pieces: Buffer[] = [];
  let size = 0;
  inflate.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > LARGEST_BLOCK) inflate.destroy(new Error('a header block is larger than is taken'));
    else pieces.push(piece);
  });
  return (block) => {
    [pieces, size] = [[], 0];
    const written = new Promise<Uint8Array>((resolve) => void inflate.write(block, () => setImmediate(() => resolve(Buffer.concat(pieces)))));
    return Promise.race([written, failed]);
  };
}

export function socketTransport(socket: Duplex): Transport {
  return {
    send: (bytes) => void socket.write(bytes),
    whenSent: (callback) => void (socket.writableNeedDrain ? socket.once('drain', callback) : callback()),
    pause: () => void socket.pause(), resume: () => void socket.resume(), close: () => void socket.destroy(),
  };
}
