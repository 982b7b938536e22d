import { constants, openSync, readFileSync, write } from 'node:fs';
import type { CgroupLayout } from './linux/cgroup-layout.ts';

/** The lock rests about 15 ms after it was last taken here (one grace period, at 250 Hz); asked more often, it never does. */
const REFRESH_MS = 6;
/** From `create` to the runtime's `create` with a client between them. */
const EXPECTED_WITHIN_MS = 80;

/**
 * Moving a process into a control group takes a lock that, when it has rested, waits for a grace period of RCU: 6 to 16 ms
 * here, a third of a container's start. So the daemon takes the lock as soon as a start is to be expected, by moving itself
 * to where it is, which changes nothing, and keeps it from resting until the runtime has been there. See
 * docs/decisions/0008.
 */
export class CgroupAttachWarmup {
  readonly #file: number | undefined;
  #underWay = false;
  #until = 0;

  constructor(layout: CgroupLayout) {
    this.#file = open(ownProcsFile(layout));
  }

  expectStart(): void {
    const idle = performance.now() >= this.#until;
    this.#until = performance.now() + EXPECTED_WITHIN_MS;
    if (idle) this.#refresh();
  }

  #refresh(): void {
    if (this.#file === undefined || performance.now() >= this.#until) return;
    setTimeout(() => this.#refresh(), REFRESH_MS).unref();
    if (this.#underWay) return;
    this.#underWay = true;
    // In the thread pool: the write is the wait.
    write(this.#file, String(process.pid), () => (this.#underWay = false));
  }
}

/** For good: to open and close it each time would be two more ways to the thread pool and back. Where we may not write, starts are only slower. */
function open(path: string | undefined): number | undefined {
  try {
    return path === undefined ? undefined : openSync(path, constants.O_WRONLY);
  } catch {
    return undefined;
  }
}

/** `cgroup.procs` of the group that this process is in, in one hierarchy: any takes the lock. */
function ownProcsFile(layout: CgroupLayout): string | undefined {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  if (layout.version === 'v2') {
    const path = lines.find((line) => line.startsWith('0::'))?.slice(3);
    return path === undefined ? undefined : `${layout.root}${path}/cgroup.procs`;
  }
  for (const { root, controllers } of layout.hierarchies) {
    const path = lines.map((line) => line.split(':')).find(([, names]) => names !== undefined && names !== '' && names === controllers.join(','))?.slice(2).join(':');
    if (path !== undefined) return `${root}${path === '/' ? '' : path}/cgroup.procs`;
  }
  return undefined;
}
