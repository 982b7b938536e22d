import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { GantryError, isKind } from '#base/error.ts';
import { BYTES_MESSAGE } from '../../wire/session.ts';
import { joined } from '../../wire/grpc.ts';
import { decode } from '../../wire/protobuf.ts';
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
  ['/t/List', serverStream(BYTES_MESSAGE, BYTES_MESSAGE, async function* ({ data }) {
    for (const [index, piece] of pieces.entries()) {
      yield { data: piece };
      // Each a few by themselves, so that there are thousands of reads.
      if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (data.length > 0) throw new GantryError('invalid', 'the list has no end');
  })],
  ['/t/Forever', serverStream(BYTES_MESSAGE, BYTES_MESSAGE, async function* (_, { signal }) {
    yield { data: pieces[0] as Uint8Array };
    await once(signal, 'abort');
    given.resolve();
  })],
]);

/** Both ends of a connection, one of which serves. */
async function pair(): Promise<{ readonly client: GrpcClient; readonly near: Socket; readonly far: Socket; readonly close: () => void }> {
  const path = `${directory}/${performance.now()}`;
  const server = createServer().listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [far] = await once(server, 'connection') as [Socket];
  serveGrpc(far, methods, () => {});
  const client = new GrpcClient(near);
  return { client, near, far, close: () => { client.close(); server.close(); } };
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

/** Tells of each time that the system is asked for no more. */
function onRest(socket: Socket, tell: () => void): void {
  const { _handle: handle } = socket as unknown as { readonly _handle: { readStop(): void } };
  const readStop = handle.readStop.bind(handle);
  handle.readStop = () => {
    tell();
    readStop();
  };
}

test('a long list is read in batches, whole and in order, and then how it ended', async () => {
  const { client, near, close } = await pair();
  let rests = 0;
  onRest(near, () => { rests += 1; });
  for (const fails of [false, true]) {
    const call = client.call('/t/List', BYTES_MESSAGE, BYTES_MESSAGE);
    await call.send({ data: new Uint8Array(fails ? 1 : 0) });
    call.end();
    const came: string[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of call.frames) for (const frame of batch) came.push(textOf(decode(BYTES_MESSAGE, joined(frame)).data));
    };
    if (fails) await assert.rejects(read(), /the list has no end/);
    else await read();
    assert.equal(came.join('\n'), pieces.map(textOf).join('\n'));
  }
  assert.ok(rests > 0);
  close();
});

test('a connection that ends during a rest, at either end, is no different from another', async () => {
  for (const isOurs of [false, true]) {
    const { client, near, far, close } = await pair();
    onRest(near, () => setImmediate(() => isOurs ? client.close() : far.destroy()));
    const call = client.call('/t/List', BYTES_MESSAGE, BYTES_MESSAGE);
    await call.send({});
    call.end();
    await assert.rejects(async () => { for await (const _ of call.frames) { /* until it breaks off */ } }, (thrown) => isKind(thrown, 'interrupted'));
    await client.closed;
    close();
  }
});

test('a call that is cancelled during a rest leaves the connection to others', async () => {
  const { client, near, close } = await pair();
  const call = client.call('/t/List', BYTES_MESSAGE, BYTES_MESSAGE);
  onRest(near, () => setImmediate(call.cancel));
  await call.send({});
  call.end();
  await assert.rejects(async () => { for await (const _ of call.frames) { /* until it breaks off */ } }, (thrown) => isKind(thrown, 'interrupted'));
  const data = new TextEncoder().encode('still there');
  assert.equal(textOf((await client.unary('/t/Echo', BYTES_MESSAGE, BYTES_MESSAGE, { data })).data), 'still there');
  close();
});
