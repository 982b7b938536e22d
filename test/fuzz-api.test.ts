import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { readDescription } from './contract/read-description.ts';
import { fuzz, tidy, type Report } from './fuzz/run.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { ask } from './world/http.ts';
import type { Inspector, Live } from './world/inspector.ts';
import { footprint } from './world/leaks.ts';
import { placeOf } from './world/place.ts';
import { eventually } from './world/waiting.ts';

/*
 * Requests to every operation of the API's description, from good to hostile. `./gantry dev fuzz` plays many;
 * GANTRY_FUZZ_SEED and GANTRY_FUZZ_REQUESTS repeat a run. What is measured inside of the daemon is what it keeps and how long it works, not
 * what a loaded machine makes of that.
 */

const SEED = Number(process.env['GANTRY_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const REQUESTS = Number(process.env['GANTRY_FUZZ_REQUESTS'] ?? 1500);
const MIB = 1024 * 1024;
/**
 * After a collection. What V8 compiles on the way comes to 5 to 7 MiB, however many the requests; 400 bytes that each leaves would be 19 in
 * 50,000 of them.
 */
const MOST_KEPT = 16 * MIB;
/** With the pages that the heap and the allocator keep between what lives: a heap of 40 MiB shrinks to one of 23. */
const MOST_GROWTH = 64 * MIB;
/** In processor time. */
const LONGEST_STRETCH_MS = 1000;

const description = whyNoImage() ?? readDescription();

describe(`fuzz of the API: seed ${SEED}, ${REQUESTS} requests`, { skip: typeof description === 'string' ? description : false }, () => {
  if (typeof description === 'string') return;
  let daemon: TestDaemon;
  let inspector: Inspector;
  let report: Report;
  let atFirst: { pid: number; live: Live; descriptors: number; footprint: string };

  before(async () => {
    ({ daemon, inspector } = await TestDaemon.startInspected());
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    daemon.ok('run', '--rm', 'busybox', 'true');
    // The kernel takes the link of what ran a while ago, and its files go in the background.
    await eventually('nothing is left of it', () => footprint(placeOf(daemon)), ({ links, temporary }) => links.length + temporary.length === 0);
    atFirst = { pid: daemon.pid, live: await inspector.live(), descriptors: openDescriptors(daemon.pid), footprint: JSON.stringify(footprint(placeOf(daemon))) };
    console.log(`fuzz: --seed ${SEED}`);
    await inspector.watchLoop();
    report = await fuzz(daemon.socket, description, { seed: SEED, requests: REQUESTS });
    console.log(`fuzz: ${report.sent} requests, ${report.operations} operations, slowest ping ${Math.round(report.slowestPingMs)} ms, ${JSON.stringify(Object.fromEntries([...report.statuses].map(([status, count]) => [status ?? 'none', count])))}`);
  });

  after(async () => {
    inspector?.close();
    await daemon?.destroy();
  });

  test('every request is answered, and every refusal names its cause', () => {
    assert.equal(report.faults.length, 0, `seed ${SEED}:\n${report.faults.join('\n')}`);
    assert.equal(report.sent, REQUESTS);
    if (REQUESTS >= 1500) assert.equal(report.operations, description.operations.length);
  });

  test('the daemon is the one that it was, and thought of everything', async () => {
    assert.equal((await ask(daemon.socket, 'GET', '/_ping')).text, 'OK');
    assert.equal(daemon.pid, atFirst.pid);
    // What went wrong is logged with its stack; what is no GantryError was not thought of.
    const lines = daemon.log.split('\n');
    const unthought = lines.filter((line, index) => /^\s+at /.test(lines[index + 1] ?? '') && !/^\s+at |: GantryError: /.test(line));
    assert.deepEqual(unthought.slice(0, 10), [], daemon.log.slice(0, 6000));
    assert.doesNotMatch(daemon.log, /unhandled|uncaught/i);
    const polluted = await ask(daemon.socket, 'GET', '/info');
    assert.equal(polluted.text.includes('polluted'), false);
  });

  test('its loop never stood still for long', async () => {
    const longest = await inspector.longestStretchMs();
    console.log(`fuzz: at most ${Math.round(longest)} ms at one thing`);
    assert.ok(longest > 0 && longest < LONGEST_STRETCH_MS, `${longest} ms at one thing`);
  });

  test('nothing is left, and it is no larger than a working daemon', async () => {
    await tidy(daemon.socket);
    await eventually('nothing is left', () => JSON.stringify(footprint(placeOf(daemon))), (now) => now === atFirst.footprint);
    await eventually('descriptors', () => openDescriptors(daemon.pid), (now) => now <= atFirst.descriptors + 8);
    const { bytes, resident } = await inspector.live();
    const told = `live: ${mib(atFirst.live.bytes)} MiB before, ${mib(bytes)} after; resident: ${mib(atFirst.live.resident)} before, ${mib(resident)} after`;
    console.log(`fuzz: ${told}`);
    assert.ok(bytes - atFirst.live.bytes < MOST_KEPT, told);
    assert.ok(resident - atFirst.live.resident < MOST_GROWTH, told);
  });

  test('an ordinary container still runs', () => {
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'echo', 'fine'), 'fine');
  });
});

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
