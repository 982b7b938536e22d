import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
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
}

/** Both engines by the same buildx: whole commands, from nothing but the base image where it says cold. */
export function buildCases({ engines, image, runs }: Job, refuse: (message: string) => void): Promise<Timing[]> {
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
    { what: 'cold, COPY of 448 MB', directory: large, args: ['--no-cache'], change: () => writeFileSync(`${large}/blob`, randomBytes(1), { flag: 'r+' }) },
    // Another content than any earlier run had, too: engines keep their caches.
    { what: 'one byte changed, COPY and RUN', directory: change, args: [], change: () => writeFileSync(`${change}/src/a`, randomBytes(8)) },
    { what: 'four independent stages', directory: stages, args: ['--no-cache'] },
  ];
  const driven = engines.filter(({ socket }) => socket !== undefined).map((engine): Engine => ({ ...engine, client: [BUILDX], env: { ...engine.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } }));
  const subjects = cases.flatMap(({ what, directory, args, change: before }) => driven.map((engine): Subject => ({
    what: `build: ${what}`,
    engine: engine.name,
    attempt: () => {
      before?.();
      return time(engine, ['build', '--quiet', ...args, '--tag', 'bench-build:1', directory]);
    },
  })));
  return timeInTurn(subjects, Math.min(runs, RUNS_AT_MOST), refuse, 1);
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
