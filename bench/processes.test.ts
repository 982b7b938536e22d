import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { engineProcesses, parentOf, parseRollup, processTable, subtree, usageOf, type Process } from './processes.ts';

const table: readonly Process[] = [
  { pid: 1, parent: 0, command: 'init' },
  { pid: 10, parent: 1, command: 'dockerd' },
  { pid: 11, parent: 10, command: 'containerd' },
  { pid: 20, parent: 1, command: 'containerd-shim -id abc' },
  { pid: 21, parent: 20, command: 'sleep infinity' },
  { pid: 22, parent: 21, command: 'sleep 1' },
  { pid: 30, parent: 1, command: 'containerd-shim -id of-somebody-else' },
];

test('an engine is its daemon and its monitors, without what the containers run', () => {
  assert.deepEqual(engineProcesses(table, 10, ['abc'], [21]), [10, 20, 11]);
  assert.deepEqual(engineProcesses(table, undefined, ['abc'], [21]), [20]);
  assert.deepEqual(engineProcesses(table, 99, [], []), []);
});

test('monitors below the daemon count once', () => {
  const below = [...table, { pid: 12, parent: 10, command: 'conmon abc' }];
  assert.deepEqual(engineProcesses(below, 10, ['abc'], [21]).sort(), [10, 11, 12, 20]);
});

test('a subtree has all generations', () => {
  assert.deepEqual([...subtree(table, [20])], [20, 21, 22]);
});

test('a process name may look like anything', () => {
  assert.equal(parentOf('7 (a) b (c)) S 42 7 7 0'), 42);
});

test('memory is read from the roll-up', () => {
  assert.deepEqual(parseRollup('559f-7ffd ---p 00000000 00:00 0 [rollup]\nRss:                4096 kB\nPss:                1024 kB\nPss_Anon:            512 kB\n'), { pss: 1024, rss: 4096 });
  assert.deepEqual(parseRollup(''), { pss: 0, rss: 0 });
});

test('this process is in the table and uses memory', () => {
  assert.ok(processTable().some(({ pid, parent }) => pid === process.pid && parent === process.ppid));
  const { pss, rss } = usageOf([process.pid]);
  assert.ok(pss > 1000 && rss >= pss);
});
