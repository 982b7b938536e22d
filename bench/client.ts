import { spawnSync } from 'node:child_process';
import type { Engine } from './engine.ts';

/** Runs an engine's client and answers with what it printed. Throws with what it said when it fails. */
export function ask(engine: Engine, ...args: readonly string[]): string {
  const [program, ...first] = engine.client;
  const { status, stdout, stderr, error } = spawnSync(program, [...first, ...args], { env: { ...engine.env }, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${engine.name}: ${[program, ...args].join(' ')} ended with ${status}: ${stderr.trim()}`);
  return stdout.trim();
}

/** No case takes as long: what hangs must not hang the whole run. */
const LONGEST_MS = 120_000;

/** Wall time of one run of the client in milliseconds: from its start until it is waited for. */
export function time(engine: Engine, args: readonly string[]): number {
  const [program, ...first] = engine.client;
  const options = { env: { ...engine.env }, timeout: LONGEST_MS, stdio: ['ignore', 'ignore', 'pipe'] as ['ignore', 'ignore', 'pipe'] };
  const started = performance.now();
  const { status, stderr } = spawnSync(program, [...first, ...args], options);
  const ended = performance.now();
  if (status !== 0) throw new Error(`${engine.name}: ${[program, ...args].join(' ')} ended with ${status}: ${String(stderr).trim()}`);
  return ended - started;
}
