import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { LogQuery } from '../log.ts';
import { readConmonLog, readPlacedLog } from './conmon-log.ts';

const AT = Date.parse('2026-11-26T01:00:00Z');
const line = (number: number): string => `${new Date(AT + number * 1000).toISOString().replace('Z', '000000+00:00')} stdout F line ${number}\n`;
const lines = (from: number, to: number): string => Array.from({ length: to - from }, (_, index) => line(from + index)).join('');
const all: LogQuery = { follow: false, isLive: () => false };

let directory: string;
let path: string;

/** Lines 0 to 9, two files put aside, one of them compressed. */
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gantry-log-'));
  path = join(directory, 'container.log');
  writeFileSync(`${path}.000003.gz`, gzipSync(lines(0, 4)));
  writeFileSync(`${path}.000004`, lines(4, 8));
  writeFileSync(path, lines(8, 10));
  // No logs of its own.
  writeFileSync(`${path}.000004.gz.new`, 'x');
  writeFileSync(`${path}.note`, 'x');
});

afterEach(() => rmSync(directory, { recursive: true }));

async function numbers(query: Partial<LogQuery> = {}): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of readConmonLog(path, { ...all, ...query })) for (const { bytes } of batch) found.push(Number(Buffer.from(bytes).toString().slice('line '.length)));
  return found;
}

describe('a log in several files', () => {
  test('is read from the oldest to the newest', async () => {
    assert.deepEqual(await numbers(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('its last lines may begin in any of them', async () => {
    for (let count = 0; count <= 12; count += 1) assert.deepEqual(await numbers({ tail: count }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].slice(Math.max(0, 10 - count)), `tail ${count}`);
  });

  test('a line that came in pieces is one line', async () => {
    const piece = (text: string, mark: string): string => line(0).replace(/F line 0/, `${mark} ${text}`);
    const told = async (count: number): Promise<string> => {
      let text = '';
      for await (const batch of readConmonLog(path, { ...all, tail: count })) for (const { bytes } of batch) text += Buffer.from(bytes).toString();
      return text;
    };
    writeFileSync(path, piece('one', 'F') + piece('tw', 'P') + piece('o', 'F') + piece('th', 'P') + piece('re', 'P') + piece('e', 'F') + piece('fo', 'P'));
    assert.deepEqual([await told(1), await told(2), await told(3), await told(4)], ['fo', 'three\nfo', 'two\nthree\nfo', 'one\ntwo\nthree\nfo']);
    writeFileSync(`${path}.000004`, piece('a', 'F') + piece('b', 'P') + piece('c', 'F'));
    writeFileSync(path, piece('d', 'F'));
    assert.deepEqual([await told(1), await told(2), await told(3)], ['d\n', 'bc\nd\n', 'a\nbc\nd\n']);
    rmSync(`${path}.000004`);
    writeFileSync(`${path}.000004.gz`, gzipSync(piece('a', 'F') + piece('b', 'P') + piece('c', 'F')));
    assert.deepEqual([await told(1), await told(2), await told(3)], ['d\n', 'bc\nd\n', 'a\nbc\nd\n']);
  });

  test('a part of it by time', async () => {
    const ns = (number: number): bigint => BigInt(AT + number * 1000) * 1_000_000n;
    assert.deepEqual(await numbers({ sinceNs: ns(3), untilNs: ns(8) }), [3, 4, 5, 6, 7, 8]);
  });

  test('a file that is gone is passed over', async () => {
    rmSync(`${path}.000003.gz`);
    const found: number[] = [];
    for await (const { record } of readPlacedLog(path, { sequence: 1, offset: 5 }, all)) found.push(Number(Buffer.from(record.bytes).toString().slice('line '.length)));
    assert.deepEqual(found, [4, 5, 6, 7, 8, 9]);
  });

  test('reading goes on at every place that was told, compressed or not', async () => {
    const places = [{ sequence: 3, offset: 0 }];
    for await (const { end } of readPlacedLog(path, { sequence: 3, offset: 0 }, all)) places.push(end);
    for (const [number, place] of places.entries()) {
      const found: string[] = [];
      for await (const { record } of readPlacedLog(path, place, all)) found.push(Buffer.from(record.bytes).toString());
      assert.deepEqual(found.length, 10 - number, JSON.stringify(place));
    }
  });

  test('who follows misses nothing while files are put aside under him, and ends with the container', async () => {
    let live = true;
    const found: number[] = [];
    const reading = (async () => {
      for await (const batch of readConmonLog(path, { follow: true, isLive: () => live, tail: 1 })) for (const { bytes } of batch) {
        const number = Number(Buffer.from(bytes).toString().slice('line '.length));
        found.push(number);
        if (number === 9 || number === 14) {
          // What the monitor does: it writes to the file it has, also once that has another name, then to a new one.
          const aside = `${path}.${number === 9 ? '000005' : '000006'}`;
          renameSync(path, aside);
          appendFileSync(aside, lines(number + 1, number + 4));
          writeFileSync(path, lines(number + 4, number + 6));
          if (number === 14) writeFileSync(`${path}.000005.gz`, 'no longer of interest');
        }
        if (number === 19) live = false;
      }
    })();
    await reading;
    assert.deepEqual(found, [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  test('no log at all is an empty one', async () => {
    rmSync(directory, { recursive: true });
    assert.deepEqual(await numbers({ tail: 5 }), []);
    assert.deepEqual(await numbers(), []);
    directory = mkdtempSync(join(tmpdir(), 'gantry-log-'));
  });
});
