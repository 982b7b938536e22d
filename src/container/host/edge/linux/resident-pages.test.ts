import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { releaseCodePages, releaseFreedMemory, untouchedFileMappings } from './resident-pages.ts';

const entry = (range: string, mode: string, inode: number, anonymous: number, path = '/usr/bin/node'): string =>
  `${range} ${mode} 00000000 fe:00 ${inode}    ${inode === 0 ? '' : path}\nSize: 4096 kB\nRss: 100 kB\nAnonymous: ${String(anonymous).padStart(12)} kB\nVmFlags: rd mr\n`;

test('only what the program\'s file still has is given back, and nothing of libraries, which may be gone by then', () => {
  const smaps = [
    entry('400000-900000', 'r-xp', 7, 0), entry('a00000-f00000', 'r--p', 7, 0), entry('1000000-1500000', 'r--p', 7, 12), entry('1600000-1b00000', 'rw-p', 7, 0),
    entry('1c00000-2100000', 'r-xp', 0, 0), entry('2200000-2201000', 'r-xp', 7, 0),
    entry('2300000-2800000', 'r-xp', 8, 0, '/usr/lib/libnftables.so.1.1.0'), entry('2900000-2e00000', 'r-xp', 9, 0, '/usr/bin/node (deleted)'),
  ].join('');
  assert.deepEqual(untouchedFileMappings(smaps, '/usr/bin/node').map(({ address }) => address.toString(16)), ['400000', 'a00000']);
});

test('a process goes on after it, with less in memory', () => {
  const resident = (): number => Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const before = resident();
  releaseCodePages();
  const after = resident();
  assert.ok(after < before * 0.8, `${after} kB of file pages after ${before} kB`);
  assert.equal(JSON.stringify({ sum: [1, 2, 3].reduce((sum, value) => sum + value) }), '{"sum":6}');
});

test('what was freed between pieces that are in use is given back', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const made = Array.from({ length: 2000 }, () => Buffer.alloc(60_000, 1));
  const used = made.filter((_, index) => index % 10 === 9);
  made.length = 0;
  const full = process.memoryUsage.rss();
  // The collector frees memory of buffers in a thread of its own.
  for (const deadline = performance.now() + 20_000; full - process.memoryUsage.rss() < 50_000_000; await sleep(20)) {
    assert.ok(performance.now() < deadline, `${full} before, ${process.memoryUsage.rss()} now`);
    collect();
    releaseFreedMemory();
  }
  assert.ok(used.every((buffer) => buffer[59_999] === 1));
});
