import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ManualClock } from '#base/manual-clock.ts';
import { FakeOnward } from './_fake-onward.ts';
import { control, data, FakeTransport, open, settle, word } from './_spdy-client.ts';
import { CommandSession, type CommandParts } from './command-session.ts';
import { resizesIn } from './remote-command.ts';

interface World {
  readonly session: CommandSession;
  readonly transport: FakeTransport;
  readonly io: FakeOnward;
  readonly clock: ManualClock;
  readonly sizes: string[];
  readonly starts: () => number;
  readonly end: (exitCode: number) => void;
}

function start(wanted: Partial<CommandParts['wanted']> = {}, fails?: Error): World {
  const [transport, io, clock, sizes] = [new FakeTransport(), new FakeOnward(), new ManualClock(), [] as string[]];
  const { promise: done, resolve } = Promise.withResolvers<number>();
  let starts = 0;
  const session = new CommandSession({
    transport, timers: clock, inflate: async (bytes) => bytes, wanted: { stdin: true, stdout: true, stderr: true, tty: false, ...wanted },
    start: async () => {
      starts += 1;
      if (fails !== undefined) throw fails;
      return { io: Promise.resolve(io), done, resize: async (rows, columns) => void sizes.push(`${rows}x${columns}`) };
    },
  });
  return { session, transport, io, clock, sizes, starts: () => starts, end: (exitCode) => {
    io.end();
    resolve(exitCode);
  } };
}

const streams = (...types: readonly string[]): number[] => types.flatMap((streamtype, index) => open(1 + 2 * index, { streamtype }));
const say = async ({ session }: World, ...bytes: readonly number[]): Promise<void> => {
  session.receive(Uint8Array.from(bytes));
  await settle();
};

test('a command starts when all of its streams are there, and its last word is how it ended', async () => {
  const world = start();
  await say(world, ...streams('error', 'stdin', 'stdout'), ...data(3, 'early'));
  assert.deepEqual([world.starts(), world.transport.sent()], [0, ['reply 1', 'reply 3', 'reply 5']]);
  await say(world, ...open(7, { streamtype: 'stderr' }), ...data(3, 'late', true));
  assert.deepEqual([world.starts(), world.io.written], [1, ['early', 'late', '<end>']]);
  world.io.output(1, new TextEncoder().encode('out'));
  world.io.output(2, new TextEncoder().encode('err'));
  assert.deepEqual(world.transport.sent(), ['reply 7', '5: out', '7: err']);
  world.end(7);
  await settle();
  const [status = '', ...ends] = world.transport.sent();
  assert.match(status, /^1: .*"reason":"NonZeroExitCode".*"message":"7"/);
  assert.deepEqual([ends, world.transport.state.at(-1)], [['1: <end>', '3: <end>', '5: <end>', '7: <end>'], 'close']);
});

test('a terminal has one stream of output, and sizes that come in pieces', async () => {
  const world = start({ tty: true });
  await say(world, ...streams('error', 'stdin', 'stdout', 'resize'));
  world.transport.sent();
  world.io.output(2, new TextEncoder().encode('all'));
  assert.deepEqual(world.transport.sent(), ['5: all']);
  await say(world, ...data(7, '{"Width":80,"Hei'), ...data(7, 'ght":24}\n{"Width":"x"}\n'));
  assert.deepEqual(world.sizes, ['24x80']);
});

test('what can\'t be started is told on the stream for errors', async () => {
  const world = start({ stdin: false, stderr: false }, new Error('no such program'));
  await say(world, ...streams('error', 'stdout'));
  assert.match(world.transport.sent().join(' '), /1: .*"status":"Failure".*no such program/);
  assert.deepEqual(world.transport.state, ['close']);
});

test('a client that opens no streams is not waited for, and one that says too much is held until the command runs', async () => {
  const late = start();
  await say(late, ...open(1, { streamtype: 'error' }));
  await late.clock.run(31_000);
  await settle();
  assert.match(late.transport.sent().join(' '), /timed out waiting/);
  assert.equal(late.starts(), 0);
  const eager = start();
  await say(eager, ...streams('error', 'stdin', 'stdout'), ...data(3, 'x'.repeat(65_000)), ...data(3, 'y'.repeat(1000)));
  assert.deepEqual(eager.transport.state, ['pause']);
  await say(eager, ...open(7, { streamtype: 'stderr' }));
  assert.deepEqual([eager.transport.state, eager.io.written.map(({ length }) => length)], [['pause', 'resume'], [65_000, 1000]]);
});

test('streams that nobody asked for end at once, and a client that goes ends its streams', async () => {
  const world = start({ stdin: false });
  await say(world, ...streams('error', 'stdout', 'stderr', 'stdin', 'stdout'));
  assert.deepEqual(world.transport.sent().slice(3), ['reply 7', '7: <end>', 'reply 9', '9: <end>']);
  world.session.close();
  assert.equal(world.io.written.at(-1), '<closed>');
});

test('whatever a client sends, the session answers or closes', async () => {
  const piece = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...[streams('error', 'stdin'), data(3, 'x'), control(6, word(1)), control(3, [...word(3), ...word(5)]), control(9, [...word(0), ...word(1)]), control(7, word(0))].map((bytes) => Uint8Array.from(bytes))));
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
    const world = start();
    for (const bytes of pieces) world.session.receive(bytes);
    await settle();
    world.session.close();
    assert.ok(world.transport.state.every((each) => ['close', 'pause', 'resume'].includes(each)));
  }), { numRuns: 300 });
});

test('sizes that are none, and lines without an end, are let go', () => {
  assert.deepEqual(resizesIn('{"Width":1,"Height":2}\nnonsense\n[]\nnull\n{"Wid'), { sizes: [{ rows: 2, columns: 1 }], rest: '{"Wid' });
  assert.equal(resizesIn('x'.repeat(5000)).rest, '');
});
