import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKind } from '#base/error.ts';
import { digestHex, digestOfHex, parseDigest } from './digest.ts';

const hex = '0123456789abcdef'.repeat(4);

test('a proper digest', () => {
  assert.equal(digestHex(parseDigest(`sha256:${hex}`)), hex);
  assert.equal(digestOfHex(hex), `sha256:${hex}`);
});

test('S-203: anything else is refused', () => {
  const bad = [
    '', 'sha256:', hex, `sha256:${hex.slice(1)}`, `sha256:${hex}0`, `sha256:${hex.toUpperCase()}`, `SHA256:${hex}`, `md5:${hex.slice(32)}`,
    `sha512:${hex}${hex}`, 'sha256:../../x', `sha256:${'../'.repeat(21)}x`, `sha256:${hex}\n`, ` sha256:${hex}`, `sha256:${hex.slice(1)}/`, 'x'.repeat(10_000_000),
  ];
  for (const text of bad) {
    assert.throws(() => parseDigest(text), (error) => isKind(error, 'invalid') && error.message.length < 300, text.slice(0, 80));
  }
});
