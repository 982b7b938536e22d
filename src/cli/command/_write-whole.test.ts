import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, test } from 'node:test';
import { writeWhole } from './_write-whole.ts';

const directory = mkdtempSync(`${tmpdir()}/gantry-whole-`);
after(() => rmSync(directory, { recursive: true }));

async function* slowly(pieces: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces; piece += 1) {
    yield new Uint8Array(bytes).fill(0x61);
    await sleep(5);
  }
}

test('a file has its name when it is complete', async () => {
  await writeWhole(`${directory}/whole`, slowly(3, 100_000), 'save');
  assert.equal(readFileSync(`${directory}/whole`, 'utf8'), 'a'.repeat(300_000));
  assert.deepEqual(readdirSync(directory), ['whole']);
});

test('a place that is not there, and a full disk, are told of, and leave nothing', async () => {
  await assert.rejects(writeWhole(`${directory}/none/file`, slowly(3, 10), 'save'), /^GantryError: failed to save: .*\/none\/file: /);
  symlinkSync('/dev/full', `${directory}/full.${process.pid}.partial`);
  await assert.rejects(writeWhole(`${directory}/full`, slowly(50, 100_000), 'save'), /^GantryError: failed to save: .*\/full: /);
  assert.deepEqual(readdirSync(directory), ['whole']);
});

test('what the source says of its end is passed on', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error('the daemon is gone');
  }
  await assert.rejects(writeWhole(`${directory}/part`, broken(), 'save'), /the daemon is gone/);
  assert.deepEqual(readdirSync(directory), ['whole']);
});
