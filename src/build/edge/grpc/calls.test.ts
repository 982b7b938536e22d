import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { BYTES_MESSAGE } from '../../wire/session.ts';
import { GrpcClient } from './client.ts';
import { serverStream, serveGrpc, unary, type Methods } from './server.ts';

const directory = mkdtempSync(`${tmpdir()}/gantry-grpc-`);
after(() => rmSync(directory, { recursive: true, force: true }));

const pieces = Array.from({ length: 5000 }, (_, index) => new TextEncoder().encode(`piece ${index}`));
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const given = Promise.withResolvers<void>();
const methods: Methods = new Map([
  ['/t/Echo', unary(BYTES_MESSAGE, BYTES_MESSAGE, ({ data }) => ({ data }))],
  ['/t/Fail', unary(BYTES_MESSAGE, BYTES_MESSAGE, () => { throw new GantryError('not-found', 'there is none'); })],
  ['/t/Many', serverStream(BYTES_MESSAGE, BYTES_MESSAGE, async function* () { for (const data of pieces) yield { data }; })],
  ['/t/Forever', serverStream(BYTES_MESSAGE, BYTES_MESSAGE, async function* (_, { signal }) {
    yield { data: pieces[0] as Uint8Array };
    await once(signal, 'abort');
    given.resolve();
  })],
]);

/** Both ends of a connection, one of which serves. */
async function pair(): Promise<{ readonly client: GrpcClient; readonly far: Socket; readonly close: () => void }> {
  const path = `${directory}/${performance.now()}`;
  const server = createServer().listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [far] = await once(server, 'connection') as [Socket];
  serveGrpc(far, methods, () => {});
  const client = new GrpcClient(near);
  return { client, far, close: () => { client.close(); server.close(); } };
}

test('calls are answered, fail with what was said, and stream all in order', async () => {
  const { client, close } = await pair();
  const echo = async (data: Uint8Array): Promise<Uint8Array> => (await client.unary('/t/Echo', BYTES_MESSAGE, BYTES_MESSAGE, { data })).data;
  const large = new Uint8Array(3 << 20).fill(7);
  assert.equal(Buffer.compare(await echo(large), large), 0);
  assert.deepEqual((await Promise.all(pieces.slice(0, 20).map(echo))).map(textOf), pieces.slice(0, 20).map(textOf));
  await assert.rejects(client.unary('/t/Fail', BYTES_MESSAGE, BYTES_MESSAGE, {}), /there is none/);
  await assert.rejects(client.unary('/t/Nowhere', BYTES_MESSAGE, BYTES_MESSAGE, {}), /unknown method/);
  const call = client.call('/t/Many', BYTES_MESSAGE, BYTES_MESSAGE);
  await call.send({});
  call.end();
  const came: string[] = [];
  for await (const { data } of call.messages) came.push(textOf(data));
  assert.equal(came.join('\n'), pieces.map(textOf).join('\n'));
  close();
});

test('whoever waits for a message is told when the other side is gone, and the other side when nobody waits', async () => {
  const { client, far, close } = await pair();
  const begin = async (): Promise<AsyncIterator<unknown>> => {
    const call = client.call('/t/Forever', BYTES_MESSAGE, BYTES_MESSAGE);
    await call.send({});
    call.end();
    const messages = call.messages[Symbol.asyncIterator]();
    assert.equal((await messages.next()).done, false);
    cancel = call.cancel;
    return messages;
  };
  let cancel = (): void => {};
  const cancelled = await begin();
  cancel();
  await assert.rejects(cancelled.next(), GantryError);
  await given.promise;
  const cut = await begin();
  const waiting = cut.next();
  far.destroy();
  await assert.rejects(waiting, GantryError);
  await client.closed;
  close();
});
