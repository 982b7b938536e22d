import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBinarySize, formatDecimalSize, formatRoughDuration } from './units.ts';

const K = 1024;

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

test('rough durations step through the words of docker ps', () => {
  const hour = 3600;
  const table: [number, string][] = [
    [0.45, 'Less than a second'], [1, '1 second'], [47, '47 seconds'], [60, 'About a minute'],
    [119, 'About a minute'], [3 * 60, '3 minutes'], [59 * 60, '59 minutes'], [hour, 'About an hour'], [hour + 29 * 60, 'About an hour'],
    [hour + 31 * 60, '2 hours'], [47 * hour, '47 hours'], [48 * hour, '2 days'], [14 * 24 * hour, '2 weeks'],
    [60 * 24 * hour, '2 months'], [730 * 24 * hour, '2 years'],
  ];
  for (const [seconds, text] of table) assert.equal(formatRoughDuration(seconds), text);
});

