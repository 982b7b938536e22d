import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { builtInCommands } from './commands.ts';
import type { CommandTable } from './command-spec.ts';
import { noOperands } from './grammar/arity.ts';
import { captureCli } from './testing/capture.ts';
import { startStubDaemon } from './testing/stub-daemon.ts';

const nowhere = { DOCKER_HOST: 'unix:///nonexistent/d.sock' };
const refused = 'Cannot connect to the Gantry daemon at unix:///nonexistent/d.sock: start it with `gantry daemon`\n';

describe('the command line', () => {
  test('prints its version and its help', async () => {
    assert.deepEqual(await captureCli(['-v']), { code: 0, stdout: 'Gantry version 0.1.0\n', stderr: '' });
    const help = await captureCli([]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Usage: {2}gantry \[OPTIONS\] COMMAND\n/);
    assert.match(help.stdout, /\n {2}run +Create a container of an image and run it\n/);
    assert.deepEqual(await captureCli(['--help']), help);
    assert.match((await captureCli(['image'])).stdout, /^Usage: {2}gantry image COMMAND\n/);
    assert.match((await captureCli(['help', 'run'])).stdout, /^Usage: {2}gantry run \[OPTIONS\] IMAGE/);
  });

  test('says what it does not know', async () => {
    assert.deepEqual(await captureCli(['nope']), { code: 1, stdout: '', stderr: "gantry: unknown command: gantry nope\n\nRun 'gantry --help' for more information\n" });
    assert.deepEqual(await captureCli(['constructor']), { code: 1, stdout: '', stderr: "gantry: unknown command: gantry constructor\n\nRun 'gantry --help' for more information\n" });
    assert.equal((await captureCli(['--nope'])).code, 125);
    assert.deepEqual(await captureCli(['run', '-Z']), {
      code: 125, stdout: '', stderr: "unknown shorthand flag: 'Z' in -Z\n\nUsage:  gantry run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\nRun 'gantry run --help' for more information\n",
    });
    assert.match((await captureCli(['-c', 'other', 'ps'])).stderr, /^context "other": not found/);
  });

  test('a daemon that is not there is 1, and 125 for run', async () => {
    assert.deepEqual(await captureCli(['ps'], { env: nowhere }), { code: 1, stdout: '', stderr: refused });
    assert.deepEqual(await captureCli(['run', 'x'], { env: nowhere }), { code: 125, stdout: '', stderr: `gantry: ${refused}\nRun 'gantry run --help' for more information\n` });
    const version = await captureCli(['version'], { env: nowhere });
    assert.deepEqual([version.code, version.stderr], [1, refused]);
    assert.match(version.stdout, /^Client:\n Version: +0\.1\.0\n/);
  });

  test('the host is that of the flag, then of GANTRY_HOST, then of DOCKER_HOST', async () => {
    const daemon = await startStubDaemon(({ url }) => (url.startsWith('/v1.51/containers/json') ? { json: [] } : undefined));
    try {
      const good = { code: 0, stdout: 'CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n', stderr: '' };
      assert.deepEqual(await captureCli(['ps'], { env: { ...nowhere, GANTRY_HOST: daemon.host } }), good);
      assert.deepEqual(await captureCli(['-H', daemon.host, 'ps'], { env: { ...nowhere, GANTRY_HOST: 'unix:///nonexistent/e.sock' } }), good);
      assert.deepEqual(await captureCli(['ps'], { env: { DOCKER_HOST: daemon.host } }), good);
    } finally {
      await daemon.close();
    }
  });

  test('only the default daemon is started', async () => {
    const asked: string[] = [];
    const ensureDaemon = async (path: string): Promise<void> => {
      asked.push(path);
    };
    await captureCli(['ps'], { env: nowhere, ensureDaemon });
    assert.deepEqual(asked, []);
    const attempt = await captureCli(['ps'], { ensureDaemon });
    // A daemon of the product may be running on this machine: then nothing has to be started.
    if (attempt.code !== 0) assert.deepEqual(asked, ['/run/gantry/gantry.sock']);
  });

  test('commands of the product are found, helped and run like the others', async () => {
    const extraCommands: CommandTable = {
      daemon: { summary: 'Run the daemon', load: async () => ({ summary: 'Run the daemon', operands: '', flags: [], arity: noOperands, run: async (context) => { context.out('up\n'); return 7; } }) },
    };
    assert.deepEqual(await captureCli(['daemon'], { extraCommands }), { code: 7, stdout: 'up\n', stderr: '' });
    assert.match((await captureCli([], { extraCommands })).stdout, /\n {2}daemon +Run the daemon\n/);
    assert.match((await captureCli(['completion', 'bash'], { extraCommands })).stdout, / daemon /);
  });

  test('an odd failure is told without losing where it came from', async () => {
    const extraCommands: CommandTable = {
      boom: { summary: 'x', load: async () => ({ summary: 'x', operands: '', flags: [], arity: noOperands, run: async () => { throw new TypeError('surprise'); } }) },
    };
    const result = await captureCli(['boom'], { extraCommands });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /surprise\n[\s\S]*main\.test\.ts/);
  });

  test('every command loads, and its help shows each of its flags', async () => {
    const paths = (table: CommandTable, prefix: readonly string[]): readonly (readonly string[])[] =>
      Object.entries(table).flatMap(([name, entry]) => ('load' in entry ? [[...prefix, name]] : paths(entry.children, [...prefix, name])));
    const all = paths(builtInCommands, []);
    assert.ok(all.length > 70);
    for (const path of all) {
      const { code, stdout, stderr } = await captureCli([...path, '--help']);
      assert.deepEqual([code, stderr], [0, ''], path.join(' '));
      assert.ok(stdout.startsWith(`Usage:  gantry ${path.join(' ')}`), path.join(' '));
    }
  });
});
