import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connectSeqpacket } from './seqpacket.ts';

const skip = existsSync('/usr/bin/python3') ? false : 'needs python3';
const scratch = mkdtempSync(join(tmpdir(), 'gantry-seq-'));
after(() => rmSync(scratch, { recursive: true }));

/** Serves one connection at `path` with Python code in which `c` is the connection; answers what it printed. */
async function serve(path: string, code: readonly string[]): Promise<{ output: Promise<string> }> {
  const script = ['import os, socket, sys, time', 's = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)',
    'os.chdir(os.path.dirname(sys.argv[1]))', 's.bind(os.path.basename(sys.argv[1]))', 's.listen(1)', 'print("ready", flush=True)',
    'c, _ = s.accept()', ...code].join('\n');
  const server = spawn('/usr/bin/python3', ['-c', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  const chunks: Buffer[] = [];
  server.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { output: once(server, 'close').then(() => Buffer.concat(chunks).toString()) };
}

async function collect(path: string, pause = 0): Promise<Buffer[]> {
  const { records } = connectSeqpacket(path);
  const received: Buffer[] = [];
  records.on('data', (record: Buffer) => {
    received.push(record);
    if (pause === 0) return;
    records.pause();
    setTimeout(() => records.resume(), pause);
  });
  await once(records, 'end');
  records.destroy();
  return received;
}

test('records stay apart, in a burst of many and with the longest ones', { skip }, async () => {
  const path = join(scratch, 'burst');
  await serve(path, ['for i in range(300):', '    c.send(bytes([2 + i % 2]) + bytes([i % 256]) * (1 + i * 27))']);
  const records = await collect(path);
  assert.deepEqual(records.map((record) => record.length), Array.from({ length: 300 }, (_, index) => 2 + index * 27));
  for (const [index, record] of records.entries()) {
    assert.equal(record[0], 2 + index % 2);
    assert.ok(record.subarray(1).every((byte) => byte === index % 256));
  }
});

test('records stay apart for a slow reader, who holds the sender back', { skip }, async () => {
  const path = join(scratch, 'slow');
  await serve(path, ['for i in range(100):', '    c.send(bytes([2]) + bytes(8192))']);
  const records = await collect(path, 1);
  assert.deepEqual(records.map((record) => record.length), Array<number>(100).fill(8193));
});

test('input is cut into records of 8 KiB at most, and its end is told while records still come', { skip }, async () => {
  const path = join(scratch, 'input');
  const { output } = await serve(path, ['sizes = []', 'while True:', '    d = c.recv(1 << 20)', '    if not d: break',
    '    sizes.append(len(d))', 'c.send(b"\\x02after the end")', 'print(*sizes)']);
  const { records, input, destroy } = connectSeqpacket(path);
  input.write('first');
  input.write(Buffer.alloc(100_000));
  input.end('last');
  const [answer] = await once(records, 'data') as [Buffer];
  assert.equal(answer.toString(), '\x02after the end');
  await once(records, 'end');
  destroy();
  const sizes = (await output).trim().split(' ').map(Number);
  assert.deepEqual(sizes, [5, ...Array<number>(12).fill(8192), 100_000 - 12 * 8192, 4]);
});

test('a path longer than a socket address', { skip }, async () => {
  const directory = join(scratch, ...Array<string>(4).fill('a-directory-with-a-rather-long-name'));
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'attach');
  assert.ok(path.length > 107);
  await serve(path, ['c.send(b"\\x02hello")']);
  assert.deepEqual((await collect(path)).map(String), ['\x02hello']);
});

test('a server that goes away ends the records and stops the input', { skip }, async () => {
  const path = join(scratch, 'gone');
  await serve(path, ['c.close()']);
  const { records, input, destroy } = connectSeqpacket(path);
  records.resume();
  await once(records, 'end');
  input.write('nobody reads this');
  destroy();
  await once(records, 'close');
  assert.equal(input.destroyed, true);
});

test('nobody there', () => {
  assert.throws(() => connectSeqpacket(join(scratch, 'none')), { kind: 'not-found', message: /connect to .*none/ });
});
