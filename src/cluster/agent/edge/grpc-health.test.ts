import assert from 'node:assert/strict';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { grpcHealth } from './grpc-health.ts';

/** Answers as a server of gRPC: a frame with the status of the service, or an error in its trailers. */
async function serve(answer: (stream: ServerHttp2Stream, service: string) => void): Promise<{ readonly server: Http2Server; readonly port: number; close(): void }> {
  const sessions = new Set<{ destroy(): void }>();
  const server = createServer().on('session', (session) => void sessions.add(session)).on('stream', (opened, headers) => {
    const stream = opened as ServerHttp2Stream;
    assert.deepEqual([headers[':path'], headers['content-type'], headers['te']], ['/grpc.health.v1.Health/Check', 'application/grpc', 'trailers']);
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => {
      const body = Buffer.concat(pieces);
      assert.equal(body.readUInt32BE(1), body.length - 5);
      answer(stream, body.subarray(7).toString());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server, port: (server.address() as AddressInfo).port, close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

function reply(stream: ServerHttp2Stream, status: string, message: readonly number[]): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
  stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
}

test('a server that serves is well, and one that says otherwise is not', async () => {
  const { port, close } = await serve((stream, service) => (service === 'none' ? reply(stream, '5', []) : reply(stream, '0', service === '' ? [0x08, 1] : service === 'down' ? [0x08, 2] : [])));
  const ask = async (service: string): Promise<unknown> => await grpcHealth({ address: '127.0.0.1', port, service, timeoutMs: 10_000 });
  assert.deepEqual(await ask(''), { ok: true, message: '' });
  assert.deepEqual(await ask('down'), { ok: false, message: 'service "down" responded with status 2, which is not SERVING' });
  assert.deepEqual(await ask('unknown'), { ok: false, message: 'service "unknown" responded with status 0, which is not SERVING' });
  assert.deepEqual(await ask('none'), { ok: false, message: 'the health of service "none" could not be asked: status 5' });
  close();
});

test('a server that says nothing, or is not there, is not well', async () => {
  const { port, close } = await serve(() => {});
  assert.match((await grpcHealth({ address: '127.0.0.1', port, service: '', timeoutMs: 50 })).message, /^timeout: /);
  close();
  assert.match((await grpcHealth({ address: '127.0.0.1', port, service: '', timeoutMs: 10_000 })).message, /^failed to connect service/);
});
