import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { chainIds } from './chain-id.ts';
import { parseDigest } from './digest.ts';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

test('each chain id hashes the one below with the diff id', () => {
  const [a, b, c] = ['1', '2', '3'].map((digit) => parseDigest(`sha256:${digit.repeat(64)}`)) as [never, never, never];
  const ab = `sha256:${sha256(`${a} ${b}`)}`;
  assert.deepEqual(chainIds({ sha256 }, [a, b, c]), [a, ab, `sha256:${sha256(`${ab} ${c}`)}`]);
  assert.deepEqual(chainIds({ sha256 }, []), []);
});
