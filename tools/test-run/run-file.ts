import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Result } from './result.ts';
import { tally, type TestEvent } from './tally.ts';

export interface RunOptions {
  readonly root: string;
  readonly timeoutMs: number;
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const OUTPUT_LIMIT = 64 * 1024;
const running = new Set<number>();
const scratch = mkdtempSync(join(tmpdir(), 'gantry-test-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

/**
 * Runs one test file as a process group of its own: a time-out, or the end of this process, ends all that it
 * started and that has not left the group.
 */
export async function runFile(path: string, { root, timeoutMs, nodeFlags = [], env = {} }: RunOptions): Promise<Result> {
  const events = join(scratch, randomUUID());
  const started = performance.now();
  const { code, timedOut, output } = await finish(spawn(process.execPath, [
    '--disable-warning=ExperimentalWarning', ...nodeFlags,
    `--test-reporter=${join(import.meta.dirname, 'event-reporter.ts')}`, `--test-reporter-destination=${events}`,
    join(root, path),
  ], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...childEnvironment(), ...env } }), timeoutMs);
  return tally(path, await readEvents(events), { code, timedOut, output, durationMs: performance.now() - started });
}

/** Without what would make the child think that it is part of another test run. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  return env;
}

type Child = ReturnType<typeof spawn>;

function finish(child: Child, timeoutMs: number): Promise<{ code: number | null; timedOut: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    let output = '';
    let timedOut = false;
    const pid = child.pid as number;
    running.add(pid);
    const collect = (chunk: Buffer): void => { output = (output + chunk.toString()).slice(-OUTPUT_LIMIT); };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    const timer = setTimeout(() => { timedOut = true; killGroup(pid); }, timeoutMs);
    child.on('error', reject);
    // Not `close`: a daemon that outlives its test may hold the pipes open.
    child.on('exit', (code) => {
      clearTimeout(timer);
      running.delete(pid);
      setImmediate(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, timedOut, output });
      });
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  process.once(signal, () => {
    for (const pid of running) killGroup(pid);
    process.exit(code);
  });
}

/** The last line may be cut off when the process was killed. */
async function readEvents(path: string): Promise<TestEvent[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as TestEvent);
}
