import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Buildx } from './dockerfile/buildx.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { eventually } from './world/waiting.ts';

/**
 * examples/dockerfiles, built by buildx and run. `GANTRY_EXAMPLES` is `all` or names: then on a Debian of `image bootstrap`.
 * Else those alone that need nothing of it, on busybox.
 */
const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples/dockerfiles');
const BUILD_MS = 600_000;
const DEBIAN = 'debian:12';

interface Example {
  readonly summary: string;
  readonly build?: readonly string[];
  readonly base?: 'any';
  readonly args?: readonly string[];
  readonly input?: string;
  /** What the container prints, or a command in it, or a page that it serves. */
  readonly output?: string;
  readonly exec?: { readonly args: readonly string[]; readonly output: string };
  readonly http?: { readonly port: number; readonly path: string; readonly body: string };
}

const wanted = process.env['GANTRY_EXAMPLES'] ?? '';
const examples = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => ({ name, example: JSON.parse(readFileSync(join(EXAMPLES, name, 'example.json'), 'utf8')) as Example }));
const chosen = examples.filter(({ name, example }) => (wanted === '' ? example.base === 'any' : wanted === 'all' || wanted.split(' ').some((word) => name.includes(word))));
const skip = whyNoImage() ?? false;

describe('examples of Dockerfiles', { skip, timeout: examples.length * BUILD_MS }, () => {
  let daemon: TestDaemon | undefined;
  let buildx: Buildx | string = 'the daemon did not start';

  before(async () => {
    if (skip !== false) return;
    daemon = await TestDaemon.start();
    buildx = Buildx.open(ROOT, daemon.socket);
    if (wanted === '') daemon.ok('import', busyboxTar(), DEBIAN);
    else bootstrap(daemon);
  });
  after(async () => {
    if (typeof buildx !== 'string') buildx.close();
    await daemon?.destroy();
  });

  for (const { name, example } of chosen) {
    test(`${name}: ${example.summary}`, { timeout: BUILD_MS }, async (context) => {
      if (daemon === undefined || typeof buildx === 'string') return context.skip(String(buildx));
      const { code, stderr } = await buildx.run(['build', '--progress=plain', '-t', name, ...example.build ?? [], join(EXAMPLES, name)], EXAMPLES, BUILD_MS);
      assert.equal(code, 0, stderr.slice(-4000));
      await answers(daemon, name, example);
    });
  }

  test('each has a page that names it, and a check', () => {
    const page = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
    for (const { name, example } of examples) {
      assert.ok(page.includes(`| [${name}](${name}/) | ${example.summary} |`), name);
      assert.ok(example.output !== undefined || example.exec !== undefined || example.http !== undefined, name);
    }
  });
});

function bootstrap(daemon: TestDaemon): void {
  const { status, stderr } = spawnSync(join(ROOT, 'gantry'), ['image', 'bootstrap', '-q', DEBIAN], { encoding: 'utf8', timeout: BUILD_MS, env: { PATH: process.env['PATH'], HOME: daemon.directory, DOCKER_HOST: `unix://${daemon.socket}` } });
  assert.equal(status, 0, stderr);
}

async function answers(daemon: TestDaemon, name: string, { args = [], input, output, exec, http }: Example): Promise<void> {
  if (output !== undefined) {
    const { out, err } = daemon.dockerWith({ input: input ?? '' }, 'run', '--rm', '-i', name, ...args);
    assert.match(out.trim(), new RegExp(output), err);
    return;
  }
  const id = daemon.ok('run', '-d', name, ...args);
  try {
    if (exec !== undefined) await eventually(`${name} answers`, () => daemon.docker('exec', id, ...exec.args).out.trim(), (text) => new RegExp(exec.output).test(text), 60_000);
    if (http === undefined) return;
    const address = daemon.ok('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', id);
    const url = `http://${address}:${http.port}${http.path}`;
    await eventually(`${name} serves ${http.path}`, () => fetch(url).then((response) => response.text(), String), (text) => new RegExp(http.body, 'm').test(text), 60_000);
  } finally {
    daemon.ok('rm', '-f', '-v', id);
  }
}
