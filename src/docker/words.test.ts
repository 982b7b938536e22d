import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GantryError } from '#base/error.ts';
import { DetachScanner, parseDetachKeys } from './detach-keys.ts';
import { errorReply } from './error-body.ts';
import { familiarName, joinReference, repositoryOf } from './familiar-name.ts';
import { formatRoughDuration } from '#base/units.ts';
import { progressError, progressMessage } from './progress.ts';
import { frameHeader } from './stdcopy.ts';
import { parseMomentNs, parseTimestampNs } from './timestamp.ts';

const S = 1_000_000_000n;

test('spans of time', () => {
  for (const [seconds, text] of [
    [0, 'Less than a second'], [1, '1 second'], [59, '59 seconds'], [60, 'About a minute'], [119, 'About a minute'], [120, '2 minutes'], [46 * 60, '46 minutes'], [3600, 'About an hour'], [5399, 'About an hour'],
    [5400, '2 hours'], [47 * 3600, '47 hours'], [48 * 3600, '2 days'], [14 * 86_400, '2 weeks'], [60 * 86_400, '2 months'], [365 * 2 * 86_400, '2 years'],
  ] as const) assert.equal(formatRoughDuration(seconds), text);
});

test('moments', () => {
  assert.equal(parseTimestampNs('1136073600.000000001'), 1136073600000000001n);
  assert.equal(parseTimestampNs('5.5'), 5_500_000_000n);
  assert.throws(() => parseTimestampNs('x'), { message: 'strconv.ParseInt: parsing "x": invalid syntax' });
  assert.equal(parseMomentNs('1h30m', 10_000n * S), 4600n * S);
  assert.equal(parseMomentNs('2026-11-23T22:00:00Z', 0n), 1795471200n * S);
  assert.equal(parseMomentNs('2026-11-23', 0n), 1795392000n * S);
  assert.throws(() => parseMomentNs('x', 0n), { message: 'failed to parse value as time or duration: "x"' });
});

test('names as people write them', () => {
  assert.equal(familiarName('docker.io/library/nginx:latest'), 'nginx:latest');
  assert.equal(familiarName('docker.io/a/b:1'), 'a/b:1');
  assert.equal(familiarName('host:5000/a'), 'host:5000/a');
  assert.equal(repositoryOf('host:5000/a:1'), 'host:5000/a');
  assert.equal(repositoryOf('host:5000/a'), 'host:5000/a');
  assert.equal(joinReference('a', 'sha256:0'), 'a@sha256:0');
});

test('frames and progress', () => {
  assert.deepEqual([...frameHeader(2, 0x01020304)], [2, 0, 0, 0, 1, 2, 3, 4]);
  assert.equal(progressMessage({ status: 'x' }), '{"status":"x"}\r\n');
  assert.equal(progressError(new GantryError('invalid', 'bad')), '{"errorDetail":{"message":"bad"},"error":"bad"}\r\n');
});

test('errors have their status; a hint stays out of words that clients match', () => {
  assert.deepEqual(errorReply(new GantryError('not-found', 'No such container: x', { hint: 'look' })), { status: 404, message: 'No such container: x' });
  assert.deepEqual(errorReply(new GantryError('unimplemented', 'no', { hint: 'do this' })), { status: 501, message: 'no: do this' });
  assert.equal(errorReply(new GantryError('not-modified', 'x')).status, 304);
  assert.deepEqual(errorReply(new TypeError('oops')), { status: 500, message: 'oops' });
});

describe('detach keys', () => {
  test('are named', () => {
    assert.deepEqual([...parseDetachKeys('ctrl-p,ctrl-q')], [16, 17]);
    assert.deepEqual([...parseDetachKeys('ctrl-@,a,DEL,ctrl-_')], [0, 97, 127, 31]);
    assert.throws(() => parseDetachKeys('ctrl-pp'), { kind: 'invalid' });
  });

  test('are found across pieces, and a beginning that leads nowhere goes on', () => {
    const scanner = new DetachScanner(Uint8Array.of(16, 17));
    assert.deepEqual(scanner.scan(Uint8Array.of(1, 16)), { pass: Uint8Array.of(1), detached: false });
    assert.deepEqual(scanner.scan(Uint8Array.of(2)), { pass: Uint8Array.of(16, 2), detached: false });
    scanner.scan(Uint8Array.of(16));
    assert.deepEqual(scanner.scan(Uint8Array.of(17, 3)), { pass: new Uint8Array(), detached: true });
  });

  test('never lose input that holds no keys, however it is cut', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 6 })), (pieces) => {
      const input = pieces.flatMap((piece) => [...piece]);
      fc.pre(!input.some((byte, at) => byte === 16 && input[at + 1] === 17));
      const scanner = new DetachScanner(Uint8Array.of(16, 17));
      const output = [...pieces.flatMap((piece) => [...scanner.scan(piece).pass]), ...scanner.rest()];
      assert.deepEqual(output, input);
    }));
  });
});
