import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BUILD_CASES, COMMON_FILES, type BuildCase } from './build/cases.ts';
import { composeFileOf } from './build/compose-file.ts';
import { FileServer } from './build/file-server.ts';
import { MORE_CASES } from './build/more-cases.ts';
import { readTree } from './build/read-tree.ts';
import { dockerCompose, type ComposeClient } from './compose/clients.ts';
import { openReference } from './differential/reference.ts';
import { Buildx } from './dockerfile/buildx.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { httpCall } from './world/unix-call.ts';

const ROOT = join(import.meta.dirname, '..');
const BASE = 'gantry-build-base';
const reference = await openReference();
const why = whyNoImage() ?? (typeof reference === 'string' ? reference : undefined);
const theirs = why === undefined && typeof reference !== 'string' ? Buildx.open(ROOT, reference.socket) : why ?? '';
const skip = typeof theirs === 'string' ? theirs : false;

const compose = dockerCompose();

interface Engine {
  readonly buildx: Buildx;
  readonly socket: string;
}

/** Builds the context in a directory, without the cache. */
type Build = (engine: Engine, one: BuildCase, name: string, context: string) => Promise<{ readonly code: number; readonly stderr: string }>;

const byBuildx: Build = async ({ buildx }, { args = [] }, name, context) => await buildx.run(['build', '--progress=plain', '--no-cache', '-t', name, ...args, '.'], context);

/** Its file lies beside the context's, where an ignore rule or a COPY would see it: it comes on the standard input. */
const byCompose = ({ argv }: ComposeClient): Build => async ({ buildx }, { args = [] }, name, context) => await buildx.drive(argv, ['-p', 'case', '-f', '-', '--progress=plain', 'build', '--no-cache'], context, composeFileOf(name, args));

interface Built {
  readonly code: number;
  readonly error: string;
  readonly config: unknown;
  readonly tree: readonly string[];
}

const OLD = new Date('2020-02-03T04:05:06Z');

function contextOf({ dockerfile, files = {} }: BuildCase, server: string): string {
  const context = mkdtempSync(join(tmpdir(), 'gantry-build-'));
  for (const [path, text] of Object.entries({ ...COMMON_FILES, ...files })) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
  execFileSync('tar', ['-C', context, '--owner=3', '--group=4', '--mtime=2021-01-02', '-czf', join(context, 'archive.tar.gz'), 'src', 'hello.txt']);
  writeFileSync(join(context, 'Dockerfile'), dockerfile.replaceAll('SERVER', server));
  execFileSync('find', [context, '-exec', 'touch', '-d', OLD.toISOString(), '{}', '+']);
  utimesSync(context, OLD, OLD);
  return context;
}

/** The last line that says what failed, without what differs by chance. */
function errorOf(stderr: string): string {
  const lines = stderr.split('\n');
  const from = lines.findIndex((line) => /^(Dockerfile|Nowhere):\d+$/.test(line));
  const last = lines.filter((line) => line.startsWith('ERROR: ')).at(-1) ?? '';
  return [...(from < 0 ? [] : lines.slice(from)), last].join('\n').replace(/checksum of ref \S+:/g, 'checksum of ref REF:').replace(/ \(the context has "[^"]*"\)/g, '').replace(/\/\S+\/merged\//g, '/');
}

/** Without times and ids, which differ from build to build. */
function comparable(config: Record<string, unknown>): unknown {
  const { created: _, rootfs, history, ...rest } = config as { created?: string; rootfs: { diff_ids: string[] }; history: { created?: string }[] };
  return { ...rest, layers: rootfs.diff_ids.length, history: history.map(({ created: _created, ...entry }) => entry) };
}

async function build(engine: Engine, one: BuildCase, name: string, server: FileServer, run: Build): Promise<Built> {
  const context = contextOf(one, server.address);
  server.root = context;
  const begun = Date.now();
  try {
    const { code, stderr } = await run(engine, one, name, context);
    if (code !== 0) return { code, error: errorOf(stderr), config: undefined, tree: [] };
    const archive = await httpCall(engine.socket, 'GET', `/images/${name}/get`);
    const { configJson, tree } = readTree(archive.body, begun);
    return { code, error: '', config: comparable(JSON.parse(configJson) as Record<string, unknown>), tree };
  } finally {
    await httpCall(engine.socket, 'DELETE', `/images/${name}?force=1`);
    rmSync(context, { recursive: true });
  }
}

describe('a build is what it is with BuildKit', { skip }, () => {
  let daemon: TestDaemon;
  let ours: Engine;
  let server: FileServer;

  before(async () => {
    server = await FileServer.start();
    daemon = await TestDaemon.start();
    const buildx = Buildx.open(ROOT, daemon.socket);
    assert.ok(typeof buildx !== 'string');
    ours = { buildx, socket: daemon.socket };
    const tar = readFileSync(busyboxTar());
    for (const socket of [daemon.socket, (reference as { socket: string }).socket]) {
      const { status } = await httpCall(socket, 'POST', `/images/create?fromSrc=-&repo=${BASE}&changes=CMD%20%5B%22sh%22%5D`, tar);
      assert.equal(status, 200);
    }
  });

  after(async () => {
    if (typeof reference !== 'string') {
      await httpCall(reference.socket, 'DELETE', `/images/${BASE}?force=1`);
      await reference.close();
    }
    if (typeof theirs !== 'string') theirs.close();
    ours?.buildx.close();
    server?.close();
    await daemon?.destroy();
  });

  async function compare(one: BuildCase, run: Build): Promise<void> {
    const name = `gantry-build-case-${process.pid}`;
    const expected = await build({ buildx: theirs as Buildx, socket: (reference as { socket: string }).socket }, one, name, server, run);
    const actual = await build(ours, one, name, server, run);
    assert.equal(actual.code === 0, expected.code === 0, `ours: ${actual.error}\ntheirs: ${expected.error}`);
    assert.equal(expected.code !== 0, one.fails ?? false, expected.error);
    assert.equal(actual.error, expected.error);
    assert.deepEqual(actual.tree, expected.tree);
    assert.deepEqual(actual.config, expected.config);
  }

  const cases = [...BUILD_CASES, ...MORE_CASES];
  for (const one of cases) test(one.name, { timeout: 60_000 }, () => compare(one, byBuildx));

  describe('by docker compose build', { skip: compose.missing }, () => {
    // They take as long again, so all of them only where somebody asks for it.
    const chosen = process.env['GANTRY_BUILDS'] === 'all' ? cases : cases.filter(({ args }) => args !== undefined);
    for (const one of chosen) test(one.name, { timeout: 60_000 }, () => compare(one, byCompose(compose.client as ComposeClient)));
  });
});
