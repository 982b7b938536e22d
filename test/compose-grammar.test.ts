import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { composeCommands } from '../src/main/compose/compose-commands.ts';
import { composeFlags } from '../src/main/compose/compose-context.ts';
import { dockerCompose } from './compose/clients.ts';
import { grammarDifferences } from './compose/grammar-differences.ts';

/** Commands and flags of docker compose 2.40, as its help has them, and ours. */

const theirs = dockerCompose();

function help(...command: readonly string[]): string {
  const [program = '', ...first] = theirs.client?.argv ?? [];
  return spawnSync(program, [...first, ...command, '--help'], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' } }).stdout;
}

/** `up --wait`, `up -w` for the short form; `up` for the command itself. */
function wordsOf(command: string, flags: Iterable<readonly [short: string | undefined, long: string]>): string[] {
  const name = command === '' ? '' : `${command} `;
  return [...flags].flatMap(([short, long]) => [`${name}--${long}`, ...(short === undefined ? [] : [`${name}-${short} is --${long}`])]);
}

function flagsIn(text: string): (readonly [string | undefined, string])[] {
  return [...text.matchAll(/^ {2,6}(?:-(\w), )?--([\w-]+)/gm)].map(([, short, long = '']) => [short, long] as const).filter(([, long]) => long !== 'help' && long !== 'dry-run');
}

test('every command and every flag of docker compose is ours, but for those listed', { skip: theirs.missing }, async () => {
  const top = help();
  const commands = [...top.slice(top.indexOf('Commands:')).matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name);
  assert.ok(commands.length > 30, top);
  const asked = [...commands, ...wordsOf('', flagsIn(top)), ...commands.flatMap((name) => wordsOf(name, flagsIn(help(name))))];
  const specs = await Promise.all(Object.entries(composeCommands).map(async ([name, { load }]) => [name, (await load()).flags] as const));
  const known = new Set([
    ...Object.keys(composeCommands), ...wordsOf('', composeFlags.map(({ short, name }) => [short, name] as const)),
    ...specs.flatMap(([command, flags]) => wordsOf(command, flags.map(({ short, name }) => [short, name] as const))),
  ]);
  const missing = asked.filter((word) => !known.has(word));
  assert.deepEqual(missing.filter((word) => !grammarDifferences.has(word) && !grammarDifferences.has(word.split(' ')[0] ?? '')), []);
  assert.deepEqual([...grammarDifferences.keys()].filter((word) => !missing.some((other) => other === word || other.startsWith(`${word} `))), [], 'a difference that is gone leaves the list');
});
