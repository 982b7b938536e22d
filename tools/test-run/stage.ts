import { count, renderCounts, type Result } from './result.ts';
import { runFile, type RunOptions } from './run-file.ts';

const TIMEOUT_MS = 240_000;
/** Files that need longer, each for a reason. */
const LONGER_MS: Readonly<Record<string, number>> = {
  // Makes a base image and seven others of the distribution's packages, which are downloaded.
  'test/shop.test.ts': 600_000,
  // Lives of projects by two clients, half of them on a second daemon where one listens.
  'test/compose.test.ts': 480_000,
};

export interface StageOptions extends Omit<RunOptions, 'timeoutMs'> {
  readonly concurrency: number;
  /** For one file; 240 seconds where it is not given. */
  readonly timeoutMs?: number;
  /** Say each file as it ends, not only the sum. */
  readonly verbose?: boolean;
}

/** Runs test files, a few at a time, and says what came out. */
export async function runStage(title: string, paths: readonly string[], options: StageOptions): Promise<Result[]> {
  console.log(`${title}: ${paths.length} files`);
  const started = performance.now();
  const waiting = [...paths];
  const results: Result[] = [];
  const work = async (): Promise<void> => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const result = await runFile(path, { timeoutMs: LONGER_MS[path] ?? TIMEOUT_MS, ...options });
      results.push(result);
      if (options.verbose === true || result.failures.length > 0) sayFile(result);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  console.log(`${title}: ${renderCounts(count(results))} in ${seconds(performance.now() - started)}`);
  return results;
}

function sayFile(result: Result): void {
  console.log(`  ${result.path}: ${renderCounts(count([result]))} in ${seconds(result.durationMs)}`);
  for (const { name } of result.failures) console.log(`    failed: ${name}`);
}

/** The end of a run: each failure in full, each skip with its reason, the time, and the counts on the last line. */
export function summarize(results: readonly Result[], startedMs: number): number {
  for (const { path, unsteady = [] } of results) {
    for (const { name, detail } of unsteady) console.log(`\nUNSTEADY ${path} (it failed beside others, and passed alone)\n  ${name}\n${indent(detail)}`);
  }
  for (const { path, failures } of results) {
    for (const { name, detail } of failures) console.log(`\nFAILED ${path}\n  ${name}\n${indent(detail)}`);
  }
  const skips = results.flatMap(({ path, skips }) => skips.map((skip) => ({ path, ...skip })));
  if (skips.length > 0) console.log('\nSkipped:');
  for (const { path, name, reason } of skips) console.log(`  ${path}: ${name}: ${reason}`);
  const counts = count(results);
  console.log(`\n${results.length} files in ${seconds(performance.now() - startedMs)}`);
  if (counts.unsteady > 0) console.log(`${counts.unsteady} unsteady: failed beside others, passed alone`);
  console.log(renderCounts(counts));
  return counts.failed === 0 ? 0 : 1;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const indent = (text: string): string => text.trimEnd().replace(/^/gm, '  ');
