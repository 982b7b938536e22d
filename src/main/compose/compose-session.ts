import { GantryError, isKind } from '#base/error.ts';
import { SystemTimers } from '#base/edge/system-clock.ts';
import type { ProviderRunner } from '#compose/apply/apply.ts';
import { openProject } from '#compose/load/open-project.ts';
import { normalizeName } from '#compose/load/project-name.ts';
import type { Project } from '#compose/model/project.ts';
import { observeContainers, type ObservedContainer } from '#compose/plan/observe.ts';
import { renderPlan, type Plan } from '#compose/plan/plan.ts';
import { openOptions, selectProject, type ComposeContext, type Selection } from './compose-context.ts';
import type { ProvidedSoFar } from './provider.ts';
import { stepProgress, type ProgressMode } from './step-progress.ts';

/** The project that the flags lead to, and of it what the command is about. */
export function openSelected(context: ComposeContext, selection: Selection): Project {
  return selectProject(openProject(openOptions(context)), context, selection);
}

/** A project that may be known by its name only: stopping it needs no files. */
export interface NamedProject {
  readonly name: string;
  readonly project: Project | undefined;
}

export function openNamed(context: ComposeContext): NamedProject {
  const name = context.global.string('project-name') || (context.cli.io.env['COMPOSE_PROJECT_NAME'] ?? '');
  try {
    const project = openProject(openOptions(context));
    return { name: project.name, project };
  } catch (thrown) {
    if (name === '' || name !== normalizeName(name) || !isKind(thrown, 'not-found') || context.global.changed('file')) throw thrown;
    return { name, project: undefined };
  }
}

/** The project's containers, of the named services only where some are named. One-off containers are left out. */
export async function containersOf(context: ComposeContext, { name, project }: NamedProject, services: readonly string[]): Promise<ObservedContainer[]> {
  const all = (await observeContainers(await context.cli.client(), name)).filter(({ oneOff }) => !oneOff);
  checkServices(services, project, all);
  return all.filter(({ service }) => services.length === 0 ? project === undefined || project.services.has(service) || project.disabled.has(service) : services.includes(service));
}

/** Nobody means a service that neither the files nor the daemon know. */
export function checkServices(services: readonly string[], project: Project | undefined, containers: readonly ObservedContainer[]): void {
  const known = new Set([...(project?.services.keys() ?? []), ...(project?.disabled.keys() ?? []), ...containers.map(({ service }) => service)]);
  const unknown = services.find((service) => !known.has(service));
  if (unknown !== undefined) throw new GantryError('not-found', `no such service: ${unknown}`, { subject: `service ${unknown}`, hint: `services: ${[...known].toSorted().join(', ')}` });
}

/** One container of a service, for commands that are about one. */
export async function oneContainer(context: ComposeContext, service: string, index: number): Promise<ObservedContainer> {
  const named = openNamed(context);
  const found = await containersOf(context, named, [service]);
  const chosen = index > 0 ? found.find(({ number }) => number === index) : found.find(({ state }) => state === 'running') ?? found[0];
  if (chosen === undefined) throw new GantryError('not-found', `service "${service}" is not running${index > 0 ? ` container #${index}` : ''}`, { subject: `service ${service}`, hint: `start it: gantry compose up -d ${service}` });
  return chosen;
}

export interface ApplyExtras {
  readonly project?: Project;
  readonly quietBuild?: boolean;
  /** Where the variables go that providers set. */
  readonly provided?: ProvidedSoFar;
}

/** Does a plan, or shows it. Answers with the exit code. */
export async function perform(context: ComposeContext, plan: Plan, extras: ApplyExtras = {}): Promise<number> {
  if (context.dryRun) {
    for (const warning of plan.warnings) context.cli.err(`WARN ${warning}\n`);
    context.cli.out(renderPlan(plan));
    return 0;
  }
  const progress = stepProgress(progressMode(context), context.cli.io.stderr);
  if (plan.nodes.length === 0) {
    for (const warning of plan.warnings) progress.warn(warning);
    return 0;
  }
  const [client, { applyPlan }, { imageSource }] = await Promise.all([context.cli.client(), import('#compose/apply/apply.ts'), import('./image-source.ts')]);
  const providers: ProviderRunner = {
    async run(service, command) {
      const { providerRunner } = await import('./provider.ts');
      if (extras.project === undefined) throw new GantryError('internal', `service ${service} has no provider`);
      await providerRunner(context, client.address.text, extras.project, extras.provided ?? new Map()).run(service, command);
    },
  };
  const interrupt = new Interrupt();
  try {
    const done = await applyPlan(plan, { api: client, timers: new SystemTimers(), images: imageSource(context, client, extras), providers }, {
      progress, parallel: parallelOf(context), isCancelled: () => interrupt.came,
    });
    if (interrupt.came) context.cli.err('Interrupted: what had begun is done, nothing more is started\n');
    return done ? 0 : INTERRUPTED;
  } finally {
    interrupt.end();
  }
}

const INTERRUPTED = 130;

function parallelOf({ cli, global }: ComposeContext): number {
  return global.changed('parallel') ? global.int('parallel') : Number(cli.io.env['COMPOSE_PARALLEL_LIMIT'] ?? '-1');
}

export function progressMode({ cli, global }: ComposeContext): ProgressMode {
  const mode = global.string('progress') || (cli.io.env['COMPOSE_PROGRESS'] ?? '') || 'auto';
  if (mode === 'auto' && global.string('ansi') === 'never') return 'plain';
  if (mode === 'auto' || mode === 'tty' || mode === 'plain' || mode === 'json' || mode === 'quiet') return mode;
  throw new GantryError('invalid', `unsupported --progress value ${JSON.stringify(mode)}`, { hint: 'auto, tty, plain, json and quiet are known' });
}

/** The first SIGINT asks for an end; the second, which nobody catches any more, is one. */
export class Interrupt {
  came = false;
  readonly #note = (): void => {
    this.came = true;
    this.end();
  };

  constructor() {
    process.on('SIGINT', this.#note).on('SIGTERM', this.#note);
  }

  end(): void {
    process.off('SIGINT', this.#note).off('SIGTERM', this.#note);
  }
}
