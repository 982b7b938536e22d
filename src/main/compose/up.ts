import { GantryError, messageOf } from '#base/error.ts';
import { atLeast } from '#cli/grammar/arity.ts';
import { boolFlag, intFlag, listFlag, stringFlag, type FlagSpec } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { withScale } from '#compose/model/select.ts';
import type { Project } from '#compose/model/project.ts';
import type { Recreate, UpOptions } from '#compose/plan/plan-up.ts';
import { bringUpWith, plainUp } from './bring-up.ts';
import type { ComposeCommand } from './compose-command.ts';
import type { ComposeContext } from './compose-context.ts';
import { openSelected } from './compose-session.ts';

const creationFlags: readonly FlagSpec[] = [
  boolFlag('build', '', 'Build images before containers are started'),
  boolFlag('force-recreate', '', 'Replace containers that have not changed too'),
  boolFlag('no-build', '', 'Do not build an image that is missing'),
  boolFlag('no-recreate', '', 'Leave containers as they are, though their configuration changed'),
  stringFlag('pull', '', 'When to pull images: always, missing, never or policy', { fallback: 'policy', completes: ['always', 'missing', 'never', 'policy'] }),
  boolFlag('quiet-pull', '', 'Pull without progress'),
  boolFlag('quiet-build', '', 'Build without output'),
  boolFlag('remove-orphans', '', 'Remove containers whose service is not in the compose file'),
  listFlag('scale', '', 'Number of containers of a service: SERVICE=NUMBER'),
  boolFlag('yes', 'y', 'Assume yes to questions'),
];

const waitFlags: readonly FlagSpec[] = [boolFlag('wait', '', 'Wait until services run, and are healthy where they can say so'), intFlag('wait-timeout', '', 'Seconds to wait at most')];

/** What has no meaning when nobody stays with the containers. */
const ATTACHED = ['abort-on-container-exit', 'abort-on-container-failure', 'attach', 'attach-dependencies', 'watch'] as const;

export const upCommand: ComposeCommand = {
  summary: 'Create and start containers',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [
    ...creationFlags, ...waitFlags,
    boolFlag('abort-on-container-exit', '', 'Stop all containers when one of them ends'),
    boolFlag('abort-on-container-failure', '', 'Stop all containers when one of them fails'),
    boolFlag('always-recreate-deps', '', 'Replace containers that others depend on too, with --force-recreate'),
    listFlag('attach', '', 'Show the output of these services only'),
    boolFlag('attach-dependencies', '', 'Show the output of services that others depend on too'),
    boolFlag('detach', 'd', 'Leave containers running in the background'),
    stringFlag('exit-code-from', '', 'End with the exit code of this service, and stop all when it ends'),
    boolFlag('menu', '', 'Accepted, and without effect'),
    listFlag('no-attach', '', 'Do not show the output of these services'),
    boolFlag('no-color', '', 'Print without colour'),
    boolFlag('no-deps', '', 'Leave services alone that others depend on'),
    boolFlag('no-log-prefix', '', 'Print lines without the name of their container'),
    boolFlag('no-start', '', 'Create containers, and start none'),
    boolFlag('renew-anon-volumes', 'V', 'Make anonymous volumes anew'),
    intFlag('timeout', 't', 'Seconds to wait before a container is killed'),
    boolFlag('timestamps', '', 'Print times'),
    boolFlag('watch', 'w', 'Watch files, and rebuild or refresh containers when they change'),
  ],
  run: async (context, args) => {
    // The daemon answers while the files are read.
    await context.cli.approach();
    const project = scaled(openSelected(context, { services: args.operands, related: args.bool('no-deps') ? 'none' : 'dependencies' }), args.list('scale'));
    const detached = args.bool('detach') || args.bool('wait') || args.bool('no-start');
    if (args.bool('detach') && ATTACHED.some((flag) => args.changed(flag))) {
      throw new GantryError('invalid', '--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch', { hint: 'leave --detach out, or run gantry compose watch --no-up beside it' });
    }
    const watch = args.bool('watch') ? await import('./watch.ts') : undefined;
    // Before anything is started.
    watch?.rulesOf(project);
    const code = await bringUp(context, project, args, {
      start: !args.bool('no-start'), wait: args.bool('wait'), recreateDependencies: args.bool('always-recreate-deps'), renewVolumes: args.bool('renew-anon-volumes'),
      timeoutSeconds: args.changed('timeout') ? args.int('timeout') : undefined, ...(args.changed('wait-timeout') ? { waitSeconds: args.int('wait-timeout') } : {}),
    });
    if (code !== 0 || context.dryRun || args.bool('no-start')) return code;
    const options = { prune: true, quiet: false, initialUp: false };
    if (detached) return watch === undefined ? 0 : await watch.watchProject(context, project, options);
    const { followProject } = await import('./follow.ts');
    if (watch === undefined) return await followProject(context, project, args);
    let isOver = false;
    // A failure to watch does not take the services away.
    const watching = watch.watchProject(context, project, { ...options, isOver: () => isOver }).catch((thrown: unknown) => context.cli.err(`${messageOf(thrown)}\n`));
    return await followProject(context, project, args, {
      end: async () => {
        isOver = true;
        await watching;
      },
    });
  },
};

export const createCommand: ComposeCommand = {
  summary: 'Create containers, and start none',
  operands: '[OPTIONS] [SERVICE...]',
  flags: creationFlags,
  run: (context, args) => bringUp(context, scaled(openSelected(context, { services: args.operands }), args.list('scale')), args, { start: false, wait: false, recreateDependencies: false, renewVolumes: false, timeoutSeconds: undefined }),
};

export const scaleCommand: ComposeCommand = {
  summary: 'Set the number of containers of services',
  operands: '[OPTIONS] SERVICE=NUMBER...',
  flags: [boolFlag('no-deps', '', 'Leave services alone that others depend on')],
  arity: atLeast(1),
  run: async (context, args) => {
    const names = args.operands.map((operand) => operand.split('=')[0] as string);
    const project = scaled(openSelected(context, { services: names, related: args.bool('no-deps') ? 'none' : 'dependencies' }), args.operands);
    return bringUpWith(context, project, { build: false, noBuild: false, pull: '' }, { ...plainUp(context), start: true });
  },
};

function scaled(project: Project, entries: readonly string[]): Project {
  return withScale(project, new Map(entries.map((entry) => {
    const [service = '', number = ''] = entry.split('=');
    if (!/^[0-9]+$/.test(number)) throw new GantryError('invalid', `invalid scale specifier: ${entry}`, { hint: 'write SERVICE=NUMBER' });
    return [service, Number(number)];
  })));
}

interface Ways extends Pick<UpOptions, 'start' | 'wait' | 'waitSeconds' | 'renewVolumes' | 'timeoutSeconds'> {
  /** `--force-recreate` is about services too that others depend on. */
  readonly recreateDependencies: boolean;
}

/** With the flags that up and create both have. */
async function bringUp(context: ComposeContext, project: Project, args: ParsedArgs, { recreateDependencies, ...ways }: Ways): Promise<number> {
  if (args.bool('force-recreate') && args.bool('no-recreate')) throw new GantryError('invalid', '--force-recreate and --no-recreate are incompatible');
  const recreate = (service: string): Recreate => {
    if (args.bool('no-recreate')) return 'never';
    const asked = args.operands.length === 0 || args.operands.includes(service) || recreateDependencies;
    return args.bool('force-recreate') && asked ? 'force' : 'diverged';
  };
  const images = { build: args.bool('build'), noBuild: args.bool('no-build'), pull: args.string('pull') };
  return bringUpWith(context, project, images, { ...plainUp(context), ...ways, recreate, removeOrphans: args.bool('remove-orphans') }, args.bool('quiet-build'));
}
