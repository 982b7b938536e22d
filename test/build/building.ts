import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { Buildx } from '../dockerfile/buildx.ts';
import { busyboxTar, whyNoImage } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';

const ROOT = join(import.meta.dirname, '../..');
const SCENARIO_MS = 90_000;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A daemon with an image called base, and buildx. */
export class Building {
  readonly daemon: TestDaemon;
  readonly buildx: Buildx;

  constructor(daemon: TestDaemon, buildx: Buildx) {
    this.daemon = daemon;
    this.buildx = buildx;
  }

  /** A directory with these files; a value that begins with `->` is a link. */
  context(files: Readonly<Record<string, string>>): string {
    const context = mkdtempSync(join(tmpdir(), 'gantry-building-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(context, path)), { recursive: true });
      if (text.startsWith('->')) symlinkSync(text.slice(2), join(context, path));
      else writeFileSync(join(context, path), text);
    }
    return context;
  }

  async build(context: string, ...args: readonly string[]): Promise<Ran> {
    return await this.buildx.run(['build', '--progress=plain', ...args, '.'], context);
  }

  /** The same from files alone, and it must succeed. Answers with what buildx said. */
  async ok(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
    const context = this.context(files);
    try {
      const { code, stderr } = await this.build(context, ...args);
      assert.equal(code, 0, `${stderr}\n${this.daemon.log.split('\n').slice(-5).join('\n')}`);
      return stderr;
    } finally {
      rmSync(context, { recursive: true });
    }
  }

  async fails(words: RegExp, files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<void> {
    const context = this.context(files);
    try {
      const { code, stderr } = await this.build(context, ...args);
      assert.notEqual(code, 0, stderr);
      assert.match(stderr, words);
    } finally {
      rmSync(context, { recursive: true });
    }
  }
}

/** The scenarios of one file; the ratchet `test/ratchet/LIST.txt` names exactly them. */
export function buildScenarios(list: string): (name: string, run: (world: Building, context: TestContext) => Promise<void>) => void {
  const why = whyNoImage();
  let world: Building | undefined;
  let skip: string | false = why ?? false;
  const names: string[] = [];

  before(async () => {
    if (why !== undefined) return;
    const daemon = await TestDaemon.start();
    const buildx = Buildx.open(ROOT, daemon.socket);
    if (typeof buildx === 'string') {
      skip = buildx;
      await daemon.destroy();
      return;
    }
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'base');
    world = new Building(daemon, buildx);
  });

  after(async () => {
    world?.buildx.close();
    await world?.daemon.destroy();
  });

  test('every scenario of the ratchet is a test', () => {
    const listed = readFileSync(new URL(`../ratchet/${list}.txt`, import.meta.url), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(listed.filter((name) => !names.includes(name)), []);
    assert.deepEqual(names.filter((name) => !listed.includes(name)), [], 'a scenario that passes belongs in the list');
  });

  return (name, run) => {
    names.push(name);
    test(name, { timeout: SCENARIO_MS }, async (context) => {
      if (world === undefined) {
        context.skip(skip === false ? 'the daemon did not start' : skip);
        return;
      }
      await run(world, context);
    });
  };
}

/** Whether a command of the build has printed these words. */
export const ran = (output: string, words: string): boolean => output.split('\n').some((line) => line.includes(words) && /^#\d+ \d/.test(line));
