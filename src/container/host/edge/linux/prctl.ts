import { check, libc } from './libc.ts';

const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;

/** Orphans below this process become its children instead of those of pid 1, and are its to reap. */
export function becomeSubreaper(): void {
  check('prctl', libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n), { action: 'become the reaper of orphans' });
}

/** No core dumps, and no reading of our memory or /proc files by processes of the same user without CAP_SYS_PTRACE. */
export function forbidDumps(): void {
  check('prctl', libc.prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n), { action: 'forbid core dumps' });
}
