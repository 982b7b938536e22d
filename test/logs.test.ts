import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { dockerScenarios } from './world/scenarios.ts';
import { eventually, sleep } from './world/waiting.ts';

const engine = dockerScenarios('log-scenarios');
const { scenario, ok, fails } = engine;

/** Numbered lines of 100 bytes, in bursts of 300, for as long as a rotation or two takes. */
const TALK = 'i=0; while [ $i -lt 3000 ]; do n=$((i+300)); while [ $i -lt $n ]; do echo "$i ......................................................................................."; i=$((i+1)); done; sleep 0.4; done; echo the end; sleep 60';

const files = (id: string): string[] => readdirSync(`${engine.daemon.root}/containers/${id}`).filter((name) => name.startsWith('container.log')).sort();
const numbers = (text: string): number[] => text.split('\n').flatMap((line) => (/^\d+ \./.test(line) ? [Number.parseInt(line, 10)] : []));
const isRow = (found: readonly number[]): boolean => found.every((number, index) => index === 0 || number === (found[index - 1] ?? 0) + 1);

scenario('a log is put aside in files of its size, and read back in one piece, also by who follows', async () => {
  const id = ok('run', '-d', '--name', 'talker', '--log-opt', 'max-size=60k', '--log-opt', 'max-file=20', '--log-opt', 'compress=true', 'busybox', 'sh', '-c', TALK);
  const followed = engine.daemon.docker('logs', '-f', '--until', '7s', 'talker');
  await eventually('the end', () => ok('logs', '--tail', '1', 'talker'), (last) => last === 'the end', 15_000);
  const found = numbers(ok('logs', 'talker'));
  assert.deepEqual([found.length, found[0], found.at(-1), isRow(found)], [3000, 0, 2999, true]);
  assert.ok(isRow(numbers(followed.out)), 'who followed missed nothing');
  assert.ok(files(id).filter((name) => name.endsWith('.gz')).length >= 3, files(id).join(' '));
  assert.deepEqual(numbers(ok('logs', '--tail', '1001', 'talker')), found.slice(-1000));
});

scenario('no more is kept than was asked for', async () => {
  const id = ok('run', '-d', '--log-opt', 'max-size=150k', '--log-opt', 'max-file=2', 'busybox', 'sh', '-c', TALK);
  await eventually('the end', () => ok('logs', '--tail', '1', id), (last) => last === 'the end', 15_000);
  await sleep(1200);
  assert.ok(files(id).length <= 2, files(id).join(' '));
  const kept = files(id).reduce((sum, name) => sum + statSync(`${engine.daemon.root}/containers/${id}/${name}`).size, 0);
  assert.ok(kept < 500_000, `${kept} bytes`);
  assert.ok(isRow(numbers(ok('logs', id))));
});

scenario('a log that nobody asked to bound is kept in 5 files of 20 MB', async () => {
  const id = ok('run', '-d', 'busybox', 'sh', '-c', 'yes "$(head -c 1000 /dev/zero | tr "\\0" x)" | head -n 50000; echo the end; sleep 60');
  assert.equal(ok('inspect', '-f', '{{json .HostConfig.LogConfig}}', id), '{"Type":"json-file","Config":{}}');
  await eventually('rotation', () => files(id), (names) => names.length > 1, 15_000);
  await eventually('the end', () => ok('logs', '--tail', '2', id), (text) => /^x{1000}\nthe end$/.test(text), 15_000);
});

scenario('local, and none, which can\'t be read back', () => {
  ok('run', '--name', 'kept', '--log-driver', 'local', 'busybox', 'echo', 'here');
  assert.equal(ok('logs', 'kept'), 'here');
  ok('run', '--name', 'unkept', '--log-driver', 'none', 'busybox', 'echo', 'here');
  fails(1, /configured logging driver does not support reading/, 'logs', 'unkept');
});
