import type { CommandSpec } from '#cli/command-spec.ts';
import { noOperands } from '#cli/grammar/arity.ts';
import { listFlag, stringFlag } from '#cli/grammar/flag.ts';
import { formatTimeNs } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import { CREATE_DEFAULTS } from '#docker/create-defaults.ts';
import { DEFAULT_ROOT } from '#container/engine/layout.ts';
import { imageFlags, readImageOptions } from './image-options.ts';
import { parseListenAddress, type ListenAddress } from './dockerd/listen-address.ts';

/** `gantry dockerd` has the options that TCP needs. */
function unixOnly(host: string): ListenAddress {
  const place = parseListenAddress(host);
  if (place.kind === 'unix') return place;
  throw new GantryError('invalid', `can't listen on ${host}`, { hint: 'give unix:///PATH, or use gantry dockerd --tlsverify for TCP' });
}

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
    ...imageFlags,
    stringFlag('on-unhealthy', '', 'What becomes of a container that is unhealthy', { fallback: 'none', completes: ['none', 'restart', 'stop'] }),
    stringFlag('pidfile', '', 'File for the process id', { completes: 'file' }),
  ],
  run: async ({ err }, args) => {
    const runtime = args.string('runtime');
    if (runtime !== 'crun' && runtime !== 'runc') throw new GantryError('invalid', `unknown runtime ${runtime}`, { hint: 'crun and runc are known' });
    const onUnhealthy = args.string('on-unhealthy');
    if (onUnhealthy !== 'none' && onUnhealthy !== 'restart' && onUnhealthy !== 'stop') throw new GantryError('invalid', `unknown action ${onUnhealthy}`, { hint: 'none, restart and stop are known' });
    const log = (line: string): void => err(`${formatTimeNs(BigInt(Date.now()) * 1_000_000n)} ${line}\n`);
    const { runDaemon, tellOfLostErrors } = await import('./daemon.ts');
    tellOfLostErrors(log);
    const run = args.string('run');
    const pidFile = args.string('pidfile');
    await runDaemon({
      hosts: (args.changed('host') ? args.list('host') : [`unix://${run}/gantry.sock`]).map(unixOnly), gid: 0, defaults: { ...CREATE_DEFAULTS, runtime }, root: args.string('root'), run, runtime, log, images: readImageOptions(args), onUnhealthy,
      ...(pidFile === '' ? {} : { pidFile }),
    });
    return 0;
  },
};
