import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogRecord } from '#container/host/log.ts';
import { LineStarts, logPieces, type LogShape } from './log-writer.ts';

const SHAPE: LogShape = { stdout: true, stderr: true, timestamps: false, details: '', multiplexed: true };
const MIB = 1 << 20;

const record = (text: string, stream: 1 | 2 = 1): LogRecord => ({ timeNs: 1_700_000_000_000_000_001n, stream, bytes: Buffer.from(text) });
const told = (records: readonly LogRecord[], shape: Partial<LogShape>): string => Buffer.concat([...logPieces(records, { ...SHAPE, ...shape }, new LineStarts())]).toString('latin1');

describe('a log as the API sends it', () => {
  const both = [record('one\n'), record('two\n', 2)];

  test('a frame for each record, of the streams that are asked for', () => {
    assert.equal(told(both, {}), '\x01\0\0\0\0\0\0\x04one\n\x02\0\0\0\0\0\0\x04two\n');
    assert.equal(told(both, { stdout: false }), '\x02\0\0\0\0\0\0\x04two\n');
    assert.equal(told(both, { multiplexed: false }), 'one\ntwo\n');
    assert.equal(told([], {}), '');
    assert.equal(told([record('x'.repeat(0x010203))], {}).slice(0, 9), '\x01\0\0\0\0\x01\x02\x03x');
  });

  test('its time and its details are within the frame', () => {
    assert.equal(told(both, { timestamps: true, details: 'a=1 ', stderr: false }), '\x01\0\0\0\0\0\0\x272023-11-14T22:13:20.000000001Z a=1 one\n');
    assert.equal(told(both, { timestamps: true, multiplexed: false, stdout: false }), '2023-11-14T22:13:20.000000001Z two\n');
  });

  test('a line that was written in parts has its time and details once, also across batches and between lines of the other stream', () => {
    const lines = new LineStarts();
    const shape = { ...SHAPE, details: 'a=1 ', multiplexed: false };
    const batches = [[record('one '), record('err', 2)], [record('more')], [record('\n'), record('or\n', 2), record('two\n')]];
    assert.equal(Buffer.concat(batches.flatMap((records) => [...logPieces(records, shape, lines)])).toString(), 'a=1 one a=1 errmore\nor\na=1 two\n');
  });

  test('is never in memory as a whole, however long the details', () => {
    const records = Array.from({ length: 1000 }, () => record('x\n'));
    const pieces = [...logPieces(records, { ...SHAPE, details: 'y'.repeat(100_000) }, new LineStarts())].map((piece) => piece.length);
    assert.equal(pieces.reduce((sum, length) => sum + length, 0), 1000 * (8 + 100_000 + 2));
    assert.ok(Math.max(...pieces) < MIB, `${Math.max(...pieces)} bytes`);
  });
});
