import type { Failure, Result, Skip } from './result.ts';

/** One test as the reporter saw it end; `name` includes the suites and tests around it. */
export interface TestEvent {
  readonly name: string;
  readonly passed: boolean;
  /** A suite has no verdict of its own unless it fails by itself (a hook that throws). */
  readonly suite: boolean;
  readonly skip?: string | true;
  readonly todo?: string | true;
  /** Node's word for why it failed: `testCodeFailure`, `subtestsFailed`, `hookFailed`, ... */
  readonly failureType?: string;
  readonly error?: string;
}

export interface Ending {
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** What the file printed. */
  readonly output: string;
}

/** Counts the tests of one file. A file that dies, hangs or holds no test is a failure of its own. */
export function tally(path: string, events: readonly TestEvent[], ending: Ending): Result {
  const failures: Failure[] = [];
  const skips: Skip[] = [];
  let passed = 0;
  for (const { name, skip, todo, suite, failureType, error, passed: good } of events) {
    if (skip !== undefined) skips.push({ name, reason: skip === true || skip === '' ? 'no reason is given' : skip });
    else if (todo !== undefined) skips.push({ name, reason: `to do${todo === true ? '' : `: ${todo}`}` });
    else if (!good && failureType !== 'subtestsFailed') failures.push({ name, detail: error ?? '' });
    else if (good && !suite) passed++;
  }
  const detail = ending.output;
  const seconds = Math.round(ending.durationMs / 1000);
  if (ending.timedOut) failures.push({ name: `the file did not end within ${seconds} s and was stopped`, detail });
  else if (ending.code !== 0 && failures.length === 0) failures.push({ name: `the file ended with ${ending.code ?? 'a signal'}`, detail });
  else if (events.length === 0) failures.push({ name: 'the file holds no test', detail });
  return { path, passed, failures, skips, durationMs: ending.durationMs };
}
