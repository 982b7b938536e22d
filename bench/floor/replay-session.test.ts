import assert from 'node:assert/strict';
import { performServerHandshake } from 'node:http2';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { frameHead } from '#build/wire/grpc.ts';
import { encode, type Init } from '#build/wire/protobuf.ts';
import { PACKET, PACKET_TYPE } from '#build/wire/session.ts';
import { ReplaySession } from './replay-session.ts';

const PIECE = 32 << 10;

function framed(packet: Init<typeof PACKET>): Buffer {
  const bytes = encode(PACKET, packet);
  return Buffer.concat([frameHead(bytes.length), bytes]);
}

/** What a client sends of a directory with one file of 100 pieces, as Node's HTTP/2 cuts it into frames. */
test('a transfer is asked for again after the list, and ended when all has come', async () => {
  const heard: string[] = [];
  const list = [...Array.from({ length: 5000 }, (_, index) => framed({ stat: { path: `file-${index}`, mode: 0o644, size: index } })), framed({})];
  const server = createServer((socket) => {
    performServerHandshake(socket).on('stream', (stream, headers) => {
      heard.push(String(headers['dir-name']));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      for (const one of list) stream.write(one);
      stream.on('data', (bytes: Buffer) => {
        const isRequest = bytes.equals(framed({ type: PACKET_TYPE.request, id: 7 }));
        heard.push(isRequest ? 'request' : 'end');
        if (!isRequest) return;
        for (let piece = 0; piece < 100; piece += 1) stream.write(framed({ type: PACKET_TYPE.data, id: 7, data: Buffer.alloc(PIECE, piece) }));
        stream.write(framed({ type: PACKET_TYPE.data, id: 7 }));
      });
      stream.on('end', () => {
        stream.write(framed({ type: PACKET_TYPE.fin }));
        stream.end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    await new ReplaySession(socket).call({
      during: '', sent: Buffer.concat([framed({ type: PACKET_TYPE.request, id: 7 }), framed({ type: PACKET_TYPE.fin })]),
      headers: [[':method', 'POST'], [':scheme', 'http'], [':authority', 'client'], [':path', '/moby.filesync.v1.FileSync/DiffCopy'], ['dir-name', 'x'.repeat(300)]],
    });
    assert.deepEqual(heard, ['x'.repeat(300), 'request', 'end']);
  } finally {
    socket.destroy();
    server.close();
  }
});
