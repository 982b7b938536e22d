import { setTimeout as pause } from 'node:timers/promises';
import { GantryError } from '#base/error.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import type { Project } from '#compose/model/project.ts';
import { observeContainers, type ObservedContainer } from '#compose/plan/observe.ts';
import { planStop } from '#compose/plan/plan-down.ts';
import { planEach } from '#compose/plan/plan-each.ts';
import { label } from '#compose/value/labels.ts';
import type { ComposeContext } from './compose-context.ts';
import { Interrupt, perform } from './compose-session.ts';
import { LogPrinter } from './log-printer.ts';

const POLL_MS = 50;
/** A container that takes another's place is shown from its first line on, only as much later. */
const NEWCOMER_MS = 250;

/**
 * Shows what containers write until they end, or the person asks for an end: then they are stopped.
 * @param watch what replaces containers meanwhile: their end is not the end of it, and those that take their places are shown too
 */
export async function followProject(context: ComposeContext, project: Project, args: ParsedArgs, watch?: { readonly end: () => Promise<void> }): Promise<number> {
  const client = await context.cli.client();
  const names = [...project.services.keys()];
  const members = async (): Promise<ObservedContainer[]> => (await observeContainers(client, project.name)).filter(({ service, oneOff }) => !oneOff && names.includes(service));
  const followed = await members();
  const shown = followed.filter(({ service }) => isShown(service, project, args));
  const printer = new LogPrinter(context, shown.map(({ name }) => name), { prefix: !args.bool('no-log-prefix'), color: !args.bool('no-color'), timestamps: args.bool('timestamps') });
  const print = (container: ObservedContainer): Promise<void> => printer.follow(client, container, { follow: true, tail: 'all' }).catch(() => undefined);
  const logs = shown.map(print);
  const interrupt = new Interrupt();
  const codes = new Map<string, number>();
  const untilEnd = async (container: ObservedContainer): Promise<End> => {
    const code = await waitForEnd(context, container);
    codes.set(container.service, code);
    if (!interrupt.came) context.cli.out(`${container.name} exited with code ${code}\n`);
    return { container, code };
  };
  const ends = followed.map(untilEnd);
  const watched = args.string('exit-code-from');
  const abort = args.bool('abort-on-container-exit') || watched !== '';
  const enough = abort ? Promise.race(ends) : args.bool('abort-on-container-failure') ? firstFailure(ends) : watch !== undefined ? new Promise(() => {}) : Promise.all(ends);
  let isOver = false;
  const newcomers = watch === undefined ? undefined : eachNewcomer(members, followed, () => isOver, (container) => {
    if (isShown(container.service, project, args)) logs.push(print(container));
    void untilEnd(container).catch(() => undefined);
  });
  await Promise.race([enough, interrupted(interrupt)]);
  // What it is about to start is to be stopped with the others.
  await watch?.end();
  isOver = true;
  await newcomers;
  if (interrupt.came) context.cli.err('Gracefully Stopping... press Ctrl+C again to force\n');
  interrupt.end();
  const first = await Promise.race([...ends, Promise.resolve(undefined)]);
  await stopAll(context, project, followed);
  await Promise.all(logs);
  if (watched !== '' && !codes.has(watched)) throw new GantryError('not-found', `no such service: ${watched}`);
  if (watched !== '') return codes.get(watched) ?? 0;
  return args.bool('abort-on-container-exit') || args.bool('abort-on-container-failure') ? first?.code ?? 0 : interrupt.came ? 130 : 0;
}

function isShown(service: string, project: Project, args: ParsedArgs): boolean {
  const attach = args.list('attach');
  if (attach.length > 0) return attach.includes(service);
  if (args.list('no-attach').includes(service) || project.services.get(service)?.attach === false) return false;
  return args.operands.length === 0 || args.bool('attach-dependencies') || args.operands.includes(service);
}

async function waitForEnd(context: ComposeContext, { id }: ObservedContainer): Promise<number> {
  const client = await context.cli.client();
  const { StatusCode } = await client.json<{ readonly StatusCode: number }>('POST', `/containers/${id}/wait`, { query: { condition: 'not-running' } });
  return StatusCode;
}

/** Tells of containers that run and were not there before; they are added to `known`. */
async function eachNewcomer(members: () => Promise<readonly ObservedContainer[]>, known: ObservedContainer[], isOver: () => boolean, tell: (container: ObservedContainer) => void): Promise<void> {
  while (!isOver()) {
    await pause(NEWCOMER_MS);
    // One that can't be asked for now is asked for again.
    for (const container of await members().catch(() => [])) {
      if (container.state !== 'running' || known.some(({ id }) => id === container.id)) continue;
      known.push(container);
      tell(container);
    }
  }
}

type End = { readonly container: ObservedContainer; readonly code: number };

function firstFailure(ends: readonly Promise<End>[]): Promise<unknown> {
  return Promise.race([Promise.all(ends), ...ends.map((end) => end.then((ended) => (ended.code === 0 ? new Promise(() => {}) : ended)))]);
}

function interrupted(interrupt: Interrupt): Promise<void> {
  return new Promise((resolve) => {
    const poll = setInterval(() => {
      if (!interrupt.came) return;
      clearInterval(poll);
      resolve();
    }, POLL_MS);
    poll.unref();
  });
}

/** An impatient second Ctrl-C kills what is still stopping. */
async function stopAll(context: ComposeContext, project: Project, containers: readonly ObservedContainer[]): Promise<void> {
  const client = await context.cli.client();
  const current = (await observeContainers(client, containers[0]?.labels.get(label.project) ?? '')).filter(({ id }) => containers.some((container) => container.id === id));
  const kill = (): void => void perform(context, planEach(current, 'a second Ctrl-C', ({ service, name }) => ({ kind: 'kill-container', service, container: name, signal: 'SIGKILL' }))).catch(() => undefined);
  process.once('SIGINT', kill);
  try {
    await perform(context, planStop(current, { timeoutSeconds: undefined, project }));
  } finally {
    process.off('SIGINT', kill);
  }
}
