import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, createDeflate, inflateSync, type Deflate } from 'node:zlib';
import fc from 'fast-check';
import { FakeOnward } from './_fake-onward.ts';
import { block, control, data, FakeTransport, open, settle, word } from './_spdy-client.ts';
import { PortForwardSession, type Onward } from './port-forward.ts';
import { headerDictionary } from './spdy/dictionary.ts';
import { emptyHeaderBlock, readHeaders } from './spdy/header-block.ts';


function start(dial: (port: number) => Promise<Onward>): { session: PortForwardSession; sent: () => string[]; state: string[] } {
  const transport = new FakeTransport();
  const session = new PortForwardSession({ transport, dial, inflate: async (bytes) => bytes, pod: 'default/web' });
  return { session, state: transport.state, sent: () => transport.sent() };
}
const both = (request: string, port: string, first = 1): number[] => [...open(first, { streamtype: 'error', port, requestid: request }), ...data(first, '', true), ...open(first + 2, { streamtype: 'data', port, requestid: request })];

test('a connection is two streams: its bytes go both ways, and an end without a word is a good one', async () => {
  const onward = new FakeOnward();
  const ports: number[] = [];
  const { session, sent } = start(async (port) => {
    ports.push(port);
    return onward;
  });
  session.receive(Uint8Array.from([...both('0', '8080'), ...data(3, 'early')]));
  await settle();
  assert.deepEqual([ports, sent(), onward.written], [[8080], ['reply 1', 'reply 3'], ['early']]);
  session.receive(Uint8Array.from(data(3, 'late', true)));
  await settle();
  assert.deepEqual(onward.written, ['early', 'late', '<end>']);
  onward.output(1, new TextEncoder().encode('answer'));
  onward.end();
  assert.deepEqual(sent(), ['3: answer', '3: <end>', '1: <end>']);
  assert.deepEqual(onward.written.at(-1), '<closed>');
});

test('where nobody listens, the stream for errors says so, and others go on', async () => {
  const onward = new FakeOnward();
  const { session, sent } = start(async (port) => {
    if (port === 81) throw new Error('connection refused');
    return onward;
  });
  session.receive(Uint8Array.from([...both('0', '81'), ...both('1', '80', 5), ...data(7, 'x')]));
  await settle();
  assert.deepEqual(sent(), ['reply 1', 'reply 3', '1: error forwarding port 81 to pod default/web: connection refused', '1: <end>', '3: <end>', 'reply 5', 'reply 7']);
  assert.deepEqual(onward.written, ['x']);
});

test('a reader that is slow holds its client, and goes on when it has read', async () => {
  const onward = new FakeOnward();
  const { session, state } = start(async () => onward);
  session.receive(Uint8Array.from(both('0', '80')));
  await settle();
  onward.isFull = true;
  session.receive(Uint8Array.from(data(3, 'x')));
  await settle();
  assert.deepEqual(state, ['pause']);
  onward.drain();
  assert.deepEqual(state, ['pause', 'resume']);
});

test('a reset and the end of the client close what they opened; a ping is answered', async () => {
  const made: FakeOnward[] = [];
  const { session, sent } = start(async () => {
    made.push(new FakeOnward());
    return made.at(-1) as FakeOnward;
  });
  session.receive(Uint8Array.from([...both('0', '80'), ...both('1', '80', 5), ...control(6, word(9)), ...control(4, word(0)), ...control(9, [...word(3), ...word(7)])]));
  await settle();
  assert.ok(sent().includes('ping 9'));
  session.receive(Uint8Array.from(control(3, [...word(3), ...word(5)])));
  await settle();
  assert.deepEqual(made.map(({ written }) => written), [['<closed>'], []]);
  session.close();
  assert.deepEqual(made.map(({ written }) => written), [['<closed>'], ['<closed>']]);
});

test('what is no frame ends the connection, and no bytes do worse', async () => {
  const { session, state } = start(async () => new FakeOnward());
  session.receive(Uint8Array.from([0x80, 2, 0, 1, 0, 0, 0, 0]));
  await settle();
  assert.deepEqual(state, ['close']);
  for (const bad of [[0x80, 3, 0, 1, 0, 0, 0, 2, 0, 0], [0, 0, 0, 1, 0, 0xff, 0xff, 0xff], open(1, {}).with(-1, 255)]) {
    const other = start(async () => new FakeOnward());
    other.session.receive(Uint8Array.from(bad));
    await settle();
    assert.deepEqual(other.state, ['close'], bad.join(' '));
  }
  await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), async (pieces) => {
    const any = start(async () => new FakeOnward());
    for (const piece of pieces) any.session.receive(piece);
    await settle();
  }), { numRuns: 200 });
});

test('header blocks are one stream of zlib that leans on the dictionary, ours on none', async () => {
  const dictionary = headerDictionary();
  const deflate: Deflate = createDeflate({ dictionary: Buffer.from(dictionary) });
  const packed = await new Promise<Buffer>((resolve) => {
    deflate.once('data', resolve);
    deflate.write(block({ streamtype: 'data' }));
    deflate.flush(constants.Z_SYNC_FLUSH);
  });
  assert.deepEqual([...packed.subarray(0, 6)], [0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2], 'the checksum of the dictionary is the one that all know');
  const ours = Buffer.concat([emptyHeaderBlock(true), emptyHeaderBlock(false)]);
  assert.deepEqual([...inflateSync(ours, { finishFlush: constants.Z_SYNC_FLUSH })], [0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...readHeaders(block({ Port: '80', many: 'a\0b' }))], [['port', '80'], ['many', 'a']]);
});
