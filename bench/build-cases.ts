import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { fromQuiet } from './from-quiet.ts';
import { inside } from './peers/namespace.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

const BUILDX = '/usr/libexec/docker/cli-plugins/docker-buildx';
const ROOT = `${inside.state}/build`;
/** These take seconds each, so they are done less often than the others. */
const RUNS_AT_MOST = 7;
const FILES = 10_000;
const LARGE_BYTES = 448 << 20;
const PIECE_BYTES = 16 << 20;

interface BuildCase {
  readonly what: string;
  readonly directory: string;
  readonly args: readonly string[];
  /** What is done to the context before the build that is timed, and not timed itself. */
  readonly change?: () => void;
  /** Gantry's layers are on disk when it answers. BuildKit's are not, and what is behind one of them would write them. */
  readonly isLarge?: boolean;
}

/**
 * Both engines by the same buildx: whole commands, from nothing but the base image where it says cold. Beside them the floor: what
 * buildx takes when a server answers what Gantry answered once, and takes what buildx sends, and does nothing else.
 */
export async function buildCases({ engines, image, runs }: Job, refuse: (message: string) => void): Promise<Timing[]> {
  const few = context('few', `FROM ${image}\nRUN echo 1\nRUN echo 2\nCOPY f /f\n`, { f: 'f' });
  const many = context('many', `FROM ${image}\nCOPY . /ctx\n`, Object.fromEntries(Array.from({ length: FILES }, (_, index) => [`d${index % 100}/f${index}`, String(index)])));
  const large = context('large', `FROM ${image}\nCOPY blob /blob\n`, {});
  const change = context('change', `FROM ${image}\nRUN seq 1 1000 > /before\nCOPY src /src\nRUN cat /src/* > /all\n`, { 'src/a': 'a', 'src/b': 'b' });
  const stages = context('stages', `${['a', 'b', 'c', 'd'].map((name) => `FROM ${image} AS ${name}\nRUN i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo ${name} > /${name}\n`).join('')}FROM ${image}\n${['a', 'b', 'c', 'd'].map((name) => `COPY --from=${name} /${name} /${name}\n`).join('')}`, {});
  if (!existsSync(`${large}/blob`)) for (let size = 0; size < LARGE_BYTES; size += PIECE_BYTES) writeFileSync(`${large}/blob`, randomBytes(PIECE_BYTES), { flag: 'a' });
  const cases: readonly BuildCase[] = [
    { what: 'no-op rebuild', directory: few, args: [] },
    { what: `no-op rebuild, context of ${FILES} files`, directory: many, args: [] },
    // Another file each time: a context that was sent before is not sent again.
    { what: 'cold, COPY of 448 MB', directory: large, args: ['--no-cache'], change: () => writeFileSync(`${large}/blob`, randomBytes(1), { flag: 'r+' }), isLarge: true },
    // Another content than any earlier run had, too: engines keep their caches.
    { what: 'one byte changed, COPY and RUN', directory: change, args: [], change: () => writeFileSync(`${change}/src/a`, randomBytes(8)) },
    { what: 'four independent stages', directory: stages, args: ['--no-cache'] },
  ];
  const driven = engines.filter(({ socket }) => socket !== undefined).map((engine): Engine => ({ ...engine, client: [BUILDX], env: { ...engine.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } }));
  const floor = await startFloor(driven.find(({ name }) => name === 'gantry'), cases.length);
  const subjects = cases.flatMap(({ what, directory, args, change: before = () => {}, isLarge = false }, index) => [...driven, ...floor.engines.slice(index, index + 1)].map((engine): Subject => ({
    what: `build: ${what}`,
    engine: engine.name,
    attempt: () => {
      const build = (): number | Promise<number> => time(engine, ['build', '--quiet', ...args, '--tag', 'bench-build:1', directory]);
      if (isLarge) return fromQuiet(before, build);
      before();
      return build();
    },
  })));
  try {
    return await timeInTurn(subjects, Math.min(runs, RUNS_AT_MOST), refuse, 1);
  } finally {
    floor.stop();
  }
}

/** A server without an engine for each case, which learns its answers from the first build. */
async function startFloor(gantry: Engine | undefined, count: number): Promise<{ readonly engines: readonly Engine[]; stop(): void }> {
  if (gantry?.socket === undefined) return { engines: [], stop: () => {} };
  const sockets = Array.from({ length: count }, (_, index) => `${inside.state}/floor-${index}.sock`);
  const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'floor/serve.ts'), gantry.socket, ...sockets], { stdio: ['ignore', 'pipe', 'inherit'] });
  await isReady(server);
  return {
    engines: sockets.map((socket) => ({ ...gantry, name: 'floor', socket, env: { ...gantry.env, DOCKER_HOST: `unix://${socket}` } })),
    stop: () => server.kill(),
  };
}

function isReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    server.stdout?.once('data', () => resolve());
    server.once('exit', (code) => reject(new Error(`the floor ended with ${code} before it was ready`)));
  });
}

function context(name: string, dockerfile: string, files: Readonly<Record<string, string>>): string {
  const directory = join(ROOT, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'Dockerfile'), dockerfile);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}
