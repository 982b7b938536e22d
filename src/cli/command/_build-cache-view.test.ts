import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDiskUsage } from './_disk-usage.ts';
import type { BuildCacheRecord } from './_build-cache-view.ts';

const NOW_MS = Date.parse('2026-11-26T18:00:30Z');
const record = (id: string, change: Partial<BuildCacheRecord> = {}): BuildCacheRecord => ({
  ID: id.repeat(25), Type: 'regular', Size: 12, InUse: false, Shared: false, CreatedAt: '2026-11-26T15:00:00.5Z', LastUsedAt: '2026-11-26T17:30:00.25Z', UsageCount: 3, ...change,
});

test('df -v lists the build cache as docker does: what was never used first, then by the last use to the nanosecond', async () => {
  const records = [
    record('e', { LastUsedAt: '2026-11-26T17:30:00.26Z' }), record('d', { Type: 'source.local', Size: 1_234_567, InUse: true }), record('c'), record('b', { LastUsedAt: null, Shared: true, Size: 99 }),
    record('f', { LastUsedAt: '2026-11-26T17:30:00.250000001Z' }), record('a', { LastUsedAt: null, UsageCount: 0 }),
  ];
  const text = await describeDiskUsage({ LayersSize: 0, Images: [], Containers: [], Volumes: [], BuildCache: records }, NOW_MS);
  assert.equal(text.slice(text.indexOf('Build cache usage')), [
    'Build cache usage: 1.235MB', '',
    'CACHE ID        CACHE TYPE     SIZE      CREATED       LAST USED        USAGE     SHARED',
    'aaaaaaaaaaaa    regular        12B       3 hours ago                    0         false',
    'bbbbbbbbbbbb    regular        99B       3 hours ago                    3         true',
    'cccccccccccc    regular        12B       3 hours ago   30 minutes ago   3         false',
    'dddddddddddd*   source.local   1.23MB    3 hours ago   30 minutes ago   3         false',
    'ffffffffffff    regular        12B       3 hours ago   30 minutes ago   3         false',
    'eeeeeeeeeeee    regular        12B       3 hours ago   30 minutes ago   3         false',
    '',
  ].join('\n'));
});
