import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSchedule, timeInZone } from './cron-schedule.ts';

const next = (schedule: string, after: string, timeZone?: string): string | undefined => {
  const ms = parseSchedule(schedule, timeZone)?.next(Date.parse(after));
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);
};

test('fields are read as upstream reads them', () => {
  for (const [schedule, after, expected] of [
    ['*/5 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05'],
    ['5/15 * * * *', '2026-01-01T00:21:00Z', '2026-01-01T00:35'],
    ['0 9-17/4 * * mon-fri', '2026-01-02T17:30:00Z', '2026-01-05T09:00'],
    ['0 0 1,15 JAN ?', '2026-01-02T00:00:00Z', '2026-01-15T00:00'],
    ['0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-01-02T00:00'],
    ['0 0 */2 * 5', '2026-01-03T00:00:00Z', '2026-01-09T00:00'],
    ['@monthly', '2026-01-02T00:00:00Z', '2026-02-01T00:00'],
    ['@every 1h30m', '2026-01-01T00:10:00Z', '2026-01-01T01:40'],
    ['0 0 31 2 *', '2026-01-01T00:00:00Z', undefined],
  ] as const) assert.equal(next(schedule, after), expected, schedule);
});

test('what is no schedule is none, also what the parser underneath would take', () => {
  for (const text of ['', 'often', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 7', '5-1 * * * *', '*/0 * * * *', '0 0 L * *', '0 0 1W * *', '0 0 * * 5#2', '@reboot', '@every', '@every 5', '@every 0s', 'TZ=UTC 0 0 * * *', 'FOO * * * *', '1,,2 * * * *']) {
    assert.equal(parseSchedule(text), undefined, text);
  }
  assert.equal(parseSchedule('0 0 * * *', 'Mars/Phobos'), undefined);
});

test('a schedule is meant in its time zone, and clocks that jump lose no run and make none twice', () => {
  assert.equal(next('30 8 * * *', '2026-01-01T00:00:00Z', 'Europe/Berlin'), '2026-01-01T07:30');
  assert.equal(next('30 8 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin'), '2026-07-01T06:30');
  assert.equal(next('30 2 * * *', '2026-03-07T12:00:00Z', 'America/New_York'), '2026-03-08T07:00');
  assert.equal(next('30 1 * * *', '2026-11-01T05:30:00Z', 'America/New_York'), '2026-11-02T06:30');
});

test('the last time is the one that stepping comes to', () => {
  const start = Date.parse('2026-01-01T00:00:00Z');
  fc.assert(fc.property(fc.constantFrom('*/7 * * * *', '0 9-17 * * 1-5', '30 4 1,15 * 5', '@hourly', '@every 7m'), fc.nat({ max: 3_000_000 }), fc.nat({ max: 200_000 }), (text, from, length) => {
    const schedule = parseSchedule(text);
    const [after, until] = [start + from * 1000, start + (from + length) * 1000];
    let last: number | undefined;
    for (let ms = schedule?.next(after); ms !== undefined && ms <= until; ms = schedule?.next(ms)) last = ms;
    assert.equal(schedule?.last(after, until), last);
  }), { numRuns: 25 });
});

test('a time is written with the offset that its zone has then', () => {
  const at = (text: string, zone?: string): string => timeInZone(Date.parse(text), zone);
  assert.deepEqual([at('2026-07-01T12:00:00Z'), at('2026-01-01T12:00:00Z', 'Europe/London'), at('2026-07-01T12:00:00Z', 'Europe/London')], ['2026-07-01T12:00:00Z', '2026-01-01T12:00:00Z', '2026-07-01T13:00:00+01:00']);
  assert.deepEqual([at('2026-01-01T01:00:00Z', 'America/St_Johns'), at('2026-12-31T20:00:00Z', 'Asia/Kolkata')], ['2025-12-31T21:30:00-03:30', '2027-01-01T01:30:00+05:30']);
});
