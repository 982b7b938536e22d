import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { BYTES_MESSAGE } from '../../wire/session.ts';
import { readMessages, writeMessage } from './calls.ts';
import { begin, type Method } from './server.ts';

const PIECE_BYTES = 32 << 10;

/** A call whose messages are pieces of a connection: whoever gets it speaks what he likes over it. */
export function byteStream(handle: (socket: Duplex, headers: IncomingHttpHeaders) => Promise<void>): Method {
  return {
    async run(stream, { headers }) {
      begin(stream);
      await handle(connectionOver(stream), headers);
    },
  };
}

function connectionOver(stream: ServerHttp2Stream): Duplex {
  const messages = readMessages(stream, BYTES_MESSAGE);
  const socket = new Duplex({
    allowHalfOpen: false,
    read() {
      messages.next().then(({ value, done }) => this.push(done === true ? null : value.data), (error: unknown) => this.destroy(error as Error));
    },
    write(chunk: Buffer, _encoding, callback) {
      void (async () => {
        for (let at = 0; at < chunk.length; at += PIECE_BYTES) await writeMessage(stream, BYTES_MESSAGE, { data: chunk.subarray(at, at + PIECE_BYTES) });
      })().then(() => callback(), callback);
    },
    destroy(error, callback) {
      stream.close();
      callback(error);
    },
  });
  stream.on('close', () => socket.destroy());
  socket.on('error', () => {});
  return socket;
}
