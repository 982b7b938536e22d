import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCompression } from './compression.ts';

test('a compression is read, none is asked for, and another refused by name', () => {
  const read = (attributes: Record<string, string>): ReturnType<typeof readCompression> => readCompression(new Map(Object.entries(attributes)));
  assert.equal(read({ name: 'app' }), undefined);
  assert.deepEqual(read({ compression: 'zstd', 'force-compression': 'true' }), { kind: 'zstd', isForced: true });
  assert.deepEqual(read({ compression: 'uncompressed' }), { kind: 'none', isForced: false });
  assert.throws(() => read({ compression: 'estargz' }), /the compression estargz of layers is not supported: gzip, zstd and uncompressed are/);
  assert.throws(() => read({ compression: 'zstd', 'compression-level': '3' }), /compression-level is not supported/);
  assert.throws(() => read({ compression: 'toString' }), /toString/);
});
