import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { busyboxTar, whyNoImage } from './busybox.ts';
import { TestDaemon } from './daemon.ts';
import { findDockerCli, whyOlderCli } from '../../tools/test-run/docker-cli.ts';

const SCENARIO_MS = 40_000;

/** One daemon with an image called busybox, and named scenarios that drive it with the real docker CLI. */
export interface Scenarios {
  /** The daemon, from the first scenario on. */
  readonly daemon: TestDaemon;
  /** @param client the oldest major version of the docker CLI that can say it */
  scenario(name: string, run: () => void | Promise<void>, client?: number): void;
  /** What the command prints, trimmed; it must succeed. */
  ok(...args: readonly string[]): string;
  fails(code: number, words: RegExp, ...args: readonly string[]): void;
}

/**
 * The scenarios of one file.
 * @param list name of the ratchet `test/ratchet/LIST.txt`, which must name exactly the scenarios of the file
 * @param flags further flags of the daemon
 */
export function dockerScenarios(list: string, flags: readonly string[] = []): Scenarios {
  const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
  const names: string[] = [];
  let daemon: TestDaemon | undefined;
  const running = (): TestDaemon => {
    assert.ok(daemon !== undefined, 'the daemon runs while scenarios do');
    return daemon;
  };

  before(async () => {
    if (skip !== false) return;
    daemon = await TestDaemon.start(flags);
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
  });

  after(async () => {
    await daemon?.destroy();
  });

  test('every scenario of the ratchet is a test', () => {
    const listed = readFileSync(new URL(`../ratchet/${list}.txt`, import.meta.url), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(listed.filter((name) => !names.includes(name)), []);
    assert.deepEqual(names.filter((name) => !listed.includes(name)), [], 'a scenario that passes belongs in the list');
  });

  return {
    get daemon() { return running(); },
    ok: (...args) => running().ok(...args),
    fails(code, words, ...args) {
      const ran = running().docker(...args);
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, words);
    },
    // Containers of a scenario go with it, so that its names are free and a failure harms nobody else.
    scenario(name, run, client) {
      names.push(name);
      test(name, { skip: skip === false && client !== undefined ? whyOlderCli(client) : skip, timeout: SCENARIO_MS }, async () => {
        try {
          await run();
        } finally {
          const left = running().docker('ps', '-aq').out.split('\n').filter(Boolean);
          if (left.length > 0) running().docker('rm', '-fv', ...left);
        }
      });
    },
  };
}
