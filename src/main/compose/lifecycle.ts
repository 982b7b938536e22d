import { boolFlag, intFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { SmallHasher } from './small-hasher.ts';
import { dependenciesOf, type Project } from '#compose/model/project.ts';
import { withSelectedServices } from '#compose/model/select.ts';
import type { Hook } from '#compose/model/service-kind.ts';
import { GantryError } from '#base/error.ts';
import { observe, type ObservedContainer } from '#compose/plan/observe.ts';
import { planEach, planInOrder } from '#compose/plan/plan-each.ts';
import { planStop } from '#compose/plan/plan-down.ts';
import { planUp } from '#compose/plan/plan-up.ts';
import { isUp } from '#compose/plan/stop-container.ts';
import type { Plan } from '#compose/plan/plan.ts';
import type { Step } from '#compose/plan/step.ts';
import type { ComposeCommand } from './compose-command.ts';
import type { ComposeContext } from './compose-context.ts';
import { containersOf, openNamed, perform } from './compose-session.ts';
import { plainUp } from './bring-up.ts';

const timeoutFlag = intFlag('timeout', 't', 'Seconds to wait before a container is killed');
const seconds = (args: ParsedArgs): number | undefined => (args.changed('timeout') ? args.int('timeout') : undefined);

/** A command that does one thing to each of the containers. */
function each(summary: string, flags: ComposeCommand['flags'], planOf: (containers: readonly ObservedContainer[], args: ParsedArgs, project: Project | undefined) => Plan): ComposeCommand {
  return {
    summary, flags, operands: '[OPTIONS] [SERVICE...]',
    run: async (context, args) => {
      const named = openNamed(context);
      return perform(context, planOf(await containersOf(context, named, args.operands), args, named.project));
    },
  };
}

const about = (kind: 'pause-container' | 'unpause-container' | 'start-container') => ({ service, name }: ObservedContainer): Step => ({ kind, service, container: name });

export const stopCommand = each('Stop services', [timeoutFlag], (containers, args, project) => planStop(containers, { timeoutSeconds: seconds(args), project }));

export const pauseCommand = each('Pause services', [], (containers) => planEach(containers.filter(({ state }) => state === 'running'), 'it was asked for', about('pause-container')));

export const unpauseCommand = each('Let paused services run on', [], (containers) => planEach(containers.filter(({ state }) => state === 'paused'), 'it was asked for', about('unpause-container')));

export const killCommand = each('Kill the containers of services', [
  stringFlag('signal', 's', 'Signal to send', { fallback: 'SIGKILL' }), boolFlag('remove-orphans', '', 'Accepted, and without effect'),
], (containers, args) => planEach(containers.filter(isUp), 'it was asked for', ({ service, name }) => ({ kind: 'kill-container', service, container: name, signal: args.string('signal') })));

export const restartCommand = each('Restart services', [timeoutFlag, boolFlag('no-deps', '', 'Leave services alone that depend on them')],
  (containers, args, project) => planInOrder(containers, 'it was asked for', (container) => {
    const { service, name } = container;
    const { pre_stop: before = [], post_start: after = [] } = project?.services.get(service) ?? {};
    const hooks = (list: readonly Hook[]): Step[] => list.map((hook) => ({ kind: 'run-hook', service, container: name, hook }));
    return [...container.state === 'running' ? hooks(before) : [], { kind: 'restart-container', service, container: name, timeoutSeconds: seconds(args) }, ...hooks(after)];
  }));

export const rmCommand: ComposeCommand = {
  summary: 'Remove stopped containers of services',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [boolFlag('force', 'f', 'Do not ask'), boolFlag('stop', 's', 'Stop them first'), boolFlag('volumes', 'v', 'Remove their anonymous volumes too')],
  run: async (context, args) => {
    const named = openNamed(context);
    const found = await containersOf(context, named, args.operands);
    if (args.bool('stop')) await perform(context, planStop(found, { timeoutSeconds: undefined, project: named.project }));
    const gone = args.bool('stop') ? found : found.filter((container) => !isUp(container));
    if (gone.length === 0) {
      context.cli.err('No stopped containers\n');
      return 0;
    }
    if (!args.bool('force') && !context.dryRun && !await confirmed(context, gone)) return 0;
    return perform(context, planEach(gone, 'it was asked for', ({ service, name, id }) => ({ kind: 'remove-container', service, container: name, id, volumes: args.bool('volumes'), force: false })));
  },
};

async function confirmed(context: ComposeContext, containers: readonly ObservedContainer[]): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const { stdin, stderr } = context.cli.io;
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(?:es)?$/i.test((await lines.question(`? Going to remove ${containers.map(({ name }) => name).join(', ')} [yN] `)).trim());
  } finally {
    lines.close();
  }
}

export const startCommand: ComposeCommand = {
  summary: 'Start services whose containers are there',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [boolFlag('wait', '', 'Wait until services run, and are healthy where they can say so'), intFlag('wait-timeout', '', 'Seconds to wait at most')],
  run: async (context, args) => {
    const named = openNamed(context);
    const found = await containersOf(context, named, args.operands);
    if (found.length === 0 && args.operands.length > 0) throw new GantryError('not-found', `service "${args.operands[0]}" has no container to start`, { subject: `service ${args.operands[0]}`, hint: `create it: gantry compose up -d ${args.operands[0]}` });
    const { project } = named;
    if (project === undefined) return perform(context, planInOrder(found.filter((container) => !isUp(container)), 'it does not run', (container) => [about('start-container')(container)]));
    // As up does it, for the containers that there are: conditions of dependencies hold here too.
    const present = withSelectedServices(project, [...new Set(found.map(({ service }) => service))].filter((name) => project.services.has(name)), 'none');
    const counted = { ...present, services: new Map([...present.services].map(([name, service]) => {
      const scale = found.filter((container) => container.service === name).length;
      return [name, { ...service, scale, depends_on: new Map([...dependenciesOf(service)].filter(([other]) => present.services.has(other))) }];
    })), networks: new Map(), volumes: new Map() };
    const observed = await observe(await context.cli.client(), counted);
    return perform(context, planUp(counted, observed, { ...plainUp(context), recreate: () => 'never', ignoreOrphans: true, wait: args.bool('wait'), ...(args.changed('wait-timeout') ? { waitSeconds: args.int('wait-timeout') } : {}) }, new SmallHasher(), () => ''), { project });
  },
};
