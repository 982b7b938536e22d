import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import type { CliContext, CommandSpec } from '#cli/command-spec.ts';
import { parseArgs } from '#cli/grammar/parse.ts';
import { authOf, collectCommand, parseTime, serveCommand } from './registry-commands.ts';

const directory = mkdtempSync(`${tmpdir()}/gantry-registry-commands-`);
after(() => rmSync(directory, { recursive: true, force: true }));
const root = `${directory}/registry`;
const none = `${directory}/none`;

async function run(command: CommandSpec, ...argv: string[]): Promise<unknown> {
  const parsed = parseArgs([...argv, '--root', root], command.flags);
  assert.ok(parsed.kind === 'args');
  return command.run({ out: () => {}, err: () => {} } as unknown as CliContext, parsed.args);
}

test('a registry that would let in more than was asked for is not served', async () => {
  await assert.rejects(run(serveCommand, '--auth', 'bearer'), { kind: 'invalid', message: /^--auth bearer says how users of a file are let in, and there is none/ });
  await assert.rejects(run(serveCommand, '--anonymous-pull'), { kind: 'invalid', message: /^--anonymous-pull says/ });
});

test('who pulls without a password does so by tokens, unless told otherwise', async () => {
  assert.deepEqual([authOf('', false), authOf('', true), authOf('basic', true), authOf('bearer', false)], ['basic', 'bearer', 'basic', 'bearer']);
  await assert.rejects(run(serveCommand, '--auth', 'digest'), { kind: 'invalid', message: 'unknown kind of authentication "digest"' });
});

test('files that are not there are named with their option, before anything is made', async () => {
  await assert.rejects(run(serveCommand, '--htpasswd', none), { kind: 'invalid', message: new RegExp(`^--htpasswd names ${none}, which can't be read: ENOENT`) });
  await assert.rejects(run(serveCommand, '--tls-cert', none, '--tls-key', none), { kind: 'invalid', message: /^--tls-cert names/ });
  await assert.rejects(run(serveCommand, '--htpasswd', directory), { kind: 'invalid', message: /which is no file$/ });
  await assert.rejects(run(collectCommand), { kind: 'not-found', message: `there is no registry in ${root}` });
  assert.equal(existsSync(root), false);
});

test('a cache has bounds that can be', async () => {
  await assert.rejects(run(serveCommand, '--cache-size', '1g'), { kind: 'invalid', message: /^--cache-size says how much is kept of another registry, and there is none/ });
  await assert.rejects(run(serveCommand, '--upstream', 'docker.io', '--cache-size', 'much'), { kind: 'invalid' });
  await assert.rejects(run(serveCommand, '--upstream', 'docker.io', '--cache-size', '0'), { kind: 'invalid', message: /^--cache-size is 0/ });
  await assert.rejects(run(serveCommand, '--upstream', 'docker.io', '--cache-gc', '80:85'), { kind: 'invalid', message: /no watermarks/ });
});

test('times are minutes, or have a unit', async () => {
  assert.deepEqual(['0', '60', '30s', '5m', '2h'].map((text) => parseTime('gc-every', text)), [0, 3_600_000, 30_000, 300_000, 7_200_000]);
  for (const text of ['', '-1', '1.5', '1d', 'soon', '1234567', 's']) assert.throws(() => parseTime('gc-every', text), { kind: 'invalid', message: `--gc-every is ${JSON.stringify(text)}, which is no time` });
  await assert.rejects(run(serveCommand, '--gc-every', '1 h'), { kind: 'invalid', message: /^--gc-every is "1 h"/ });
});
