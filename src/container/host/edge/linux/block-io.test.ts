import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIoStat, parseThrottleFiles } from './block-io.ts';

test('io.stat of cgroup v2; a device without numbers has done nothing', () => {
  assert.deepEqual(parseIoStat('254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=512 dios=3\n7:0 \nbroken rbytes=1\n'), [
    { major: 254, minor: 0, bytes: { read: 4096, write: 8192, discard: 512 }, operations: { read: 1, write: 2, discard: 3 } },
  ]);
  assert.equal(parseIoStat(undefined), undefined);
  assert.deepEqual(parseIoStat(''), []);
});

test('the pair of files of cgroup v1; totals and words of later kernels are left out', () => {
  const bytes = '254:0 Read 4096\n254:0 Write 8192\n254:0 Sync 12288\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 12288\n254:0 constructor 5\nTotal 12288\n';
  assert.deepEqual(parseThrottleFiles(bytes, '254:0 Read 1\n254:0 Write 2\nTotal 3\n'), [
    { major: 254, minor: 0, bytes: { read: 4096, write: 8192, discard: 0, sync: 12288, async: 0 }, operations: { read: 1, write: 2, discard: 0 } },
  ]);
  assert.equal(parseThrottleFiles(undefined, undefined), undefined);
  assert.deepEqual(parseThrottleFiles('8:0 Read 1\n', undefined)?.[0]?.operations, { read: 0, write: 0, discard: 0 });
});
