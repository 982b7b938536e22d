import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { releaseCodePages, untouchedFileMappings } from './resident-pages.ts';

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
