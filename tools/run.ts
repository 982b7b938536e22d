// ./gantry dev TASK [ARG...]: every task of a developer, one file each in tools/task/.
import process from 'node:process';
import type { Task } from './task/task.ts';

const tasks: Readonly<Record<string, { readonly summary: string; readonly load: () => Promise<{ readonly task: Task }> }>> = {
  check: { summary: 'compile both projects: everything, and sealed code without Node types', load: () => import('./task/check.ts') },
  unit: { summary: 'unit tests and the architecture test; arguments select files by a part of their path', load: () => import('./task/unit.ts') },
  scenarios: { summary: 'scenarios with real daemons; arguments select files by a part of their path', load: () => import('./task/scenarios.ts') },
  ratchet: { summary: 'the lists in test/ratchet/ have lost nothing since the last commit', load: () => import('./task/ratchet.ts') },
  test: { summary: 'check, unit, ratchet and scenarios', load: () => import('./task/test.ts') },
  ok: { summary: 'the same as test', load: () => import('./task/test.ts') },
  fuzz: { summary: 'property tests with many cases, and the API with many requests: [--runs N] [--requests N] [--seed N] [FILE...]', load: () => import('./task/fuzz.ts') },
  security: { summary: 'the tests in test/security/ with longer races: [--rounds N] [FILE...]', load: () => import('./task/security.ts') },
  crash: { summary: 'the crash scenarios in test/crash/, round after round: [--rounds N] [--seed N]', load: () => import('./task/crash.ts') },
  reference: { summary: 'every comparison with a dockerd, which Debian brings; arguments select files by a part of their path', load: () => import('./task/reference.ts') },
  guest: { summary: 'a daemon and what depends on control groups of version 2, in a guest that has no other', load: () => import('./task/guest.ts') },
  kinds: { summary: "the schemas of Kubernetes' kinds, made anew from upstream's packages", load: () => import('./task/kinds.ts') },
  examples: { summary: 'build and run the Dockerfiles in examples/dockerfiles/ on a Debian made for it: [WORD...]', load: () => import('./task/examples.ts') },
  fresh: { summary: 'the commands of the README in a bare Debian with Node and npm: [demo] [test] [reference] [--keep]', load: () => import('./task/fresh.ts') },
  bench: { summary: 'side by side with Docker and podman: [--runs N] [--format json] ...', load: () => import('./task/bench.ts') },
};

const [name, ...args] = process.argv.slice(2);
const known = name === undefined || !Object.hasOwn(tasks, name) ? undefined : tasks[name];
if (known === undefined) {
  const asked = name === undefined || name === 'help' || name === '--help';
  if (!asked) console.error(`there is no task "${name}"\n`);
  console.log('./gantry dev TASK [ARG...]\n');
  for (const [task, { summary }] of Object.entries(tasks)) console.log(`  ${task.padEnd(10)} ${summary}`);
  process.exitCode = asked ? 0 : 2;
} else {
  const { task } = await known.load();
  process.exitCode = await task(args);
}
