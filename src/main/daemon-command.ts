import type { CommandSpec } from '#cli/command-spec.ts';
import { noOperands } from '#cli/grammar/arity.ts';
import { listFlag, stringFlag } from '#cli/grammar/flag.ts';
import { formatTimeNs } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import { DEFAULT_ROOT } from '#container/engine/layout.ts';

const DEFAULT_RUN = '/run/gantry';

export const daemonCommand: CommandSpec = {
  summary: 'Run the engine in the foreground',
  operands: '[OPTIONS]',
  arity: noOperands,
  flags: [
    listFlag('host', 'H', 'Socket to listen on', { value: 'unix:///PATH', shownDefault: `"unix://${DEFAULT_RUN}/gantry.sock"` }),
    stringFlag('root', '', 'Directory of images, containers and state', { fallback: DEFAULT_ROOT, completes: 'file' }),
    stringFlag('run', '', 'Directory of sockets and of what is gone after a boot', { fallback: DEFAULT_RUN, completes: 'file' }),
    stringFlag('runtime', '', 'OCI runtime', { fallback: 'crun', completes: ['crun', 'runc'] }),
    stringFlag('pidfile', '', 'File for the process id', { completes: 'file' }),
  ],
  run: async ({ err }, args) => {
    const runtime = args.string('runtime');
    if (runtime !== 'crun' && runtime !== 'runc') throw new GantryError('invalid', `unknown runtime ${runtime}`, { hint: 'crun and runc are known' });
    const log = (line: string): void => err(`${formatTimeNs(BigInt(Date.now()) * 1_000_000n)} ${line}\n`);
    const { runDaemon, tellOfLostErrors } = await import('./daemon.ts');
    tellOfLostErrors(log);
    const run = args.string('run');
    const pidFile = args.string('pidfile');
    await runDaemon({
      hosts: args.changed('host') ? args.list('host') : [`unix://${run}/gantry.sock`], root: args.string('root'), run, runtime, log,
      ...(pidFile === '' ? {} : { pidFile }),
    });
    return 0;
  },
};
