import assert from 'node:assert/strict';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Exchange } from './exchange.ts';
import { sendArchive } from './send-archive.ts';

test('a slow client leaves no listeners behind, however long the archive', async () => {
  const most = { error: 0, close: 0 };
  async function* pieces(res: ServerResponse): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 64; count++) {
      most.error = Math.max(most.error, res.listenerCount('error'));
      most.close = Math.max(most.close, res.listenerCount('close'));
      yield new Uint8Array(256 << 10);
    }
  }
  const server = createServer((req, res) => {
    const exchange = { req, res, writeHead: (status: number, headers: string[]) => res.writeHead(status, headers) } as unknown as Exchange;
    void sendArchive(exchange, pieces(res));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bytes = await new Promise<number>((resolve, reject) => {
    get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, (answer) => {
      let size = 0;
      answer.on('data', (chunk: Uint8Array) => {
        size += chunk.length;
        answer.pause();
        setTimeout(() => answer.resume(), 1);
      }).on('end', () => resolve(size)).on('error', reject);
    }).on('error', reject);
  });
  server.close();
  assert.equal(bytes, 64 * (256 << 10));
  assert.ok(most.error <= 3 && most.close <= 6, JSON.stringify(most));
});
