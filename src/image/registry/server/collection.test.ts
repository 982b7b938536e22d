import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPastGrace, unneededBlobs } from './collection.ts';

test('a repository needs what its own manifests name, and the bytes stay while any repository needs them', () => {
  const needed = new Map([['app', new Set(['manifest', 'config', 'layer'])], ['other', new Set(['layer'])]]);
  const links = [{ repository: 'app', digest: 'layer' }, { repository: 'app', digest: 'orphan' }, { repository: 'other', digest: 'config' }, { repository: 'empty', digest: 'layer' }];
  const plan = unneededBlobs(needed, links);
  assert.deepEqual(plan.links, links.slice(1));
  assert.deepEqual([...plan.needed].sort(), ['config', 'layer', 'manifest']);
});

test('the grace begins with the last use', () => {
  assert.deepEqual([899, 900, 1000, undefined].map((usedMs) => isPastGrace(usedMs, 1000, 100)), [true, false, false, true]);
  assert.equal(isPastGrace(1001, 1000, 0), false, 'used since the collection began');
});
