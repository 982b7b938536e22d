import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GantryError } from './error.ts';
import {
  formatBinarySize, formatDecimalSize, formatDuration, formatNanoCpus, formatRoughDuration,
  parseBinarySize, parseDecimalSize, parseDuration, parseNanoCpus,
} from './units.ts';

const isInvalid = (error: unknown): boolean =>
  error instanceof GantryError && error.kind === 'invalid' && error.hint !== undefined && error.message.length < 200;

const K = 1024;

test('sizes are read as docker reads them', () => {
  const table: [string, number, number][] = [
    ['0', 0, 0], ['32', 32, 32], ['32b', 32, 32], ['32B', 32, 32], ['32k', 32 * K, 32_000], ['32K', 32 * K, 32_000],
    ['32kb', 32 * K, 32_000], ['32Kib', 32 * K, 32_000], ['512m', 512 * K ** 2, 512e6], ['1.5GiB', 1.5 * K ** 3, 1.5e9],
    ['32.5 kB', 32.5 * K, 32_500], ['.5k', 512, 500], ['1.k', K, 1000], ['+1k', K, 1000], ['1e3', 1000, 1000], ['32 ', 32, 32],
    ['1t', K ** 4, 1e12], ['2p', 2 * K ** 5, 2e15], ['0.3b', 0, 0], ['1.9', 1, 1],
  ];
  for (const [text, binary, decimal] of table) {
    assert.equal(parseBinarySize(text), binary, text);
    assert.equal(parseDecimalSize(text), decimal, text);
  }
  for (const text of ['', ' ', 'k', 'hello', '-32', '-1k', ' 32', '32 mm', '32bb', '32bib', '1e', '1eb', '32m b', '32  k', '32mbi', '32q', '0x10', 'inf', 'NaN', '1_000', '9p9', '999999p', '1'.repeat(100_000)]) {
    assert.throws(() => parseBinarySize(text), isInvalid, text);
  }
});

test('sizes are printed as docker prints them', () => {
  const decimal: [number, string][] = [
    [0, '0B'], [1, '1B'], [999, '999B'], [1000, '1kB'], [1024, '1.024kB'], [1_000_000, '1MB'], [1_048_576, '1.049MB'], [2 * 1e6, '2MB'],
    [3.42 * 1e9, '3.42GB'], [5.372 * 1e12, '5.372TB'], [2.22 * 1e15, '2.22PB'], [77_900_000, '77.9MB'], [999_950, '1000kB'],
    [10_625, '10.62kB'], [10_635, '10.63kB'], [1_234_500, '1.234MB'], [1_062_500, '1.062MB'], [8_390_000, '8.39MB'], [12_345, '12.35kB'],
  ];
  for (const [bytes, text] of decimal) assert.equal(formatDecimalSize(bytes), text);
  const binary: [number, string][] = [
    [0, '0B'], [1023, '1023B'], [1024, '1KiB'], [1536, '1.5KiB'], [K ** 2, '1MiB'], [15.62 * K ** 2, '15.62MiB'], [3.42 * K ** 3, '3.42GiB'], [K ** 3 - 1, '1024MiB'],
  ];
  for (const [bytes, text] of binary) assert.equal(formatBinarySize(bytes), text);
  assert.equal(formatDecimalSize(77_912_345, 3), '77.9MB');
  assert.equal(formatDecimalSize(999_999, 3), '1e+03kB');
});

test('a printed size is read again within its four digits', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
    assert.ok(Math.abs(parseBinarySize(formatBinarySize(bytes)) - bytes) <= bytes * 0.0006);
    assert.ok(Math.abs(parseDecimalSize(formatDecimalSize(bytes)) - bytes) <= bytes * 0.0006);
  }));
});

test('durations are read and printed as Go does', () => {
  const both: [string, bigint][] = [
    ['0s', 0n], ['1ns', 1n], ['1.1\u00b5s', 1_100n], ['2.2ms', 2_200_000n], ['3.3s', 3_300_000_000n], ['4m5s', 245_000_000_000n],
    ['4m5.001s', 245_001_000_000n], ['5h6m7.001s', 18_367_001_000_000n], ['1h0m0s', 3_600_000_000_000n], ['-1m30s', -90_000_000_000n],
    ['500ms', 500_000_000n], ['2562047h47m16.854775807s', (1n << 63n) - 1n],
  ];
  for (const [text, durationNs] of both) {
    assert.equal(parseDuration(text), durationNs, text);
    assert.equal(formatDuration(durationNs), text);
  }
  const read: [string, bigint][] = [
    ['0', 0n], ['+5s', 5_000_000_000n], ['.5s', 500_000_000n], ['5.s', 5_000_000_000n], ['10us', 10_000n], ['10\u03bcs', 10_000n],
    ['1h1s', 3_601_000_000_000n], ['0.3333333333333333333h', 1_200_000_000_000n], ['39h9m14.425s', 140_954_425_000_000n], ['1.9ns', 1n],
  ];
  for (const [text, durationNs] of read) assert.equal(parseDuration(text), durationNs, text);
  for (const text of ['', '3', '-', 's', '.', '-.', '.s', '+.s', '1d', '1S', '1 s', 'x1s', '1s2', '--1s', '1constructor', '3000000h', '9223372036854775808ns', '1s'.repeat(50_000)]) {
    assert.throws(() => parseDuration(text), isInvalid, text);
  }
});

test('every duration that is printed is read again', () => {
  fc.assert(fc.property(fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }), (durationNs) => {
    assert.equal(parseDuration(formatDuration(durationNs)), durationNs);
  }));
});

test('rough durations step through the words of docker ps', () => {
  const second = 1_000_000_000n;
  const hour = 3600n * second;
  const table: [bigint, string][] = [
    [450_000_000n, 'Less than a second'], [second, '1 second'], [47n * second, '47 seconds'], [60n * second, 'About a minute'],
    [119n * second, 'About a minute'], [3n * 60n * second, '3 minutes'], [59n * 60n * second, '59 minutes'], [hour, 'About an hour'], [hour + 29n * 60n * second, 'About an hour'],
    [hour + 31n * 60n * second, '2 hours'], [47n * hour, '47 hours'], [48n * hour, '2 days'], [14n * 24n * hour, '2 weeks'],
    [60n * 24n * hour, '2 months'], [730n * 24n * hour, '2 years'],
  ];
  for (const [durationNs, text] of table) assert.equal(formatRoughDuration(durationNs), text);
});

test('CPUs are exact', () => {
  const table: [string, number][] = [['1.5', 1_500_000_000], ['0.01', 10_000_000], ['2', 2e9], ['.5', 5e8], ['1.', 1e9], ['0', 0], ['0.000000001', 1], ['1.5000000000000', 1_500_000_000]];
  for (const [text, nanoCpus] of table) assert.equal(parseNanoCpus(text), nanoCpus, text);
  for (const text of ['', '.', '-1', '1e3', 'x', '0.0000000001', '1,5', '99999999999', '0'.repeat(100_000)]) {
    assert.throws(() => parseNanoCpus(text), isInvalid, text);
  }
  assert.equal(formatNanoCpus(1_500_000_000), '1.5');
  assert.equal(formatNanoCpus(2e9), '2');
});
