import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { ApiResponse } from '#cluster/api/api-request.ts';
import { WebSocketAnswers } from './web-socket-answers.ts';

/** What a client hears of this answer, and how it ends. */
async function heard(context: TestContext, answer: ApiResponse, protocols: readonly string[]): Promise<readonly unknown[]> {
  const answers = new WebSocketAnswers();
  const server = createServer();
  server.on('upgrade', (request, socket, head) => void (answers.accept(answer, request, socket, head) || socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => void server.close());
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, [...protocols]);
  const messages: unknown[] = [];
  client.on('message', (bytes: Buffer, isBinary: boolean) => messages.push(isBinary ? [...bytes] : bytes.toString()));
  const code = await new Promise<unknown>((resolve) => client.once('close', resolve).once('error', () => resolve('refused')));
  return [...messages, code];
}

async function* each<T>(...values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

test('a log is sent in the pieces that it comes in, as bytes or as text', async (context) => {
  const log = (): ApiResponse => ({ kind: 'stream', contentType: 'text/plain', chunks: each(Uint8Array.of(104, 105), Uint8Array.of(33)) });
  assert.deepEqual(await heard(context, log(), ['binary.k8s.io']), [[104, 105], [33], 1000]);
  assert.deepEqual(await heard(context, log(), ['base64.binary.k8s.io']), ['aGk=', 'IQ==', 1000]);
  assert.deepEqual(await heard(context, log(), []), [[104, 105], [33], 1000]);
});

test('an event of a watch is a message, and what does not go on is no answer for a socket', async (context) => {
  const watch: ApiResponse = { kind: 'watch', events: each({ type: 'ADDED', object: { kind: 'Pod' } } as never), render: (event) => event as never };
  assert.deepEqual(await heard(context, watch, []), ['{"type":"ADDED","object":{"kind":"Pod"}}', 1000]);
  assert.deepEqual(await heard(context, { kind: 'text', code: 200, body: 'ok', contentType: 'text/plain' }, []), ['refused']);
});
