import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { FlagSpec } from '../src/cli/grammar/flag.ts';
import { composeCommands, type ComposeCommands } from '../src/main/compose/compose-commands.ts';
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

/** Ours by their whole names: `bridge convert`. A group has no flags. */
async function commandsOf(table: ComposeCommands, before = ''): Promise<(readonly [name: string, flags: readonly FlagSpec[]])[]> {
  const found = await Promise.all(Object.entries(table).map(async ([word, entry]) => {
    const name = `${before}${word}`;
    return 'load' in entry ? [[name, (await entry.load()).flags] as const] : [[name, []] as const, ...await commandsOf(entry.children, `${name} `)];
  }));
  return found.flat();
}

/** Theirs, groups walked into. */
function commandsIn(text: string, before: readonly string[] = []): string[][] {
  return [...text.slice(text.indexOf('Commands:')).matchAll(/^ {2}(\w+) /gm)].flatMap(([, word = '']) => {
    const name = [...before, word];
    const more = help(...name);
    return [name, ...(more.includes('\nCommands:') ? commandsIn(more, name) : [])];
  });
}

test('every command and every flag of docker compose is ours, but for those listed', { skip: theirs.missing }, async () => {
  const top = help();
  const commands = [...commandsIn(top), ...commandsIn(help('alpha'), ['alpha'])];
  assert.ok(commands.length > 36, top);
  const asked = [...commands.map((name) => name.join(' ')), ...wordsOf('', flagsIn(top)), ...commands.flatMap((name) => wordsOf(name.join(' '), flagsIn(help(...name))))];
  const specs = await commandsOf(composeCommands);
  const known = new Set([
    ...specs.map(([name]) => name), ...wordsOf('', composeFlags.map(({ short, name }) => [short, name] as const)),
    ...specs.flatMap(([command, flags]) => wordsOf(command, flags.map(({ short, name }) => [short, name] as const))),
  ]);
  const missing = asked.filter((word) => !known.has(word));
  assert.deepEqual(missing.filter((word) => ![...grammarDifferences.keys()].some((known) => word === known || word.startsWith(`${known} `))), []);
  assert.deepEqual([...grammarDifferences.keys()].filter((word) => !missing.some((other) => other === word || other.startsWith(`${word} `))), [], 'a difference that is gone leaves the list');
});
