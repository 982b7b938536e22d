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

/** Shows what containers write until they end, or the person asks for an end: then they are stopped. */
export async function followProject(context: ComposeContext, project: Project, args: ParsedArgs): Promise<number> {
  const client = await context.cli.client();
  const names = [...project.services.keys()];
  const followed = (await observeContainers(client, project.name)).filter(({ service, oneOff }) => !oneOff && names.includes(service));
  const shown = followed.filter(({ service }) => isShown(service, project, args));
  const printer = new LogPrinter(context, shown.map(({ name }) => name), { prefix: !args.bool('no-log-prefix'), color: !args.bool('no-color'), timestamps: args.bool('timestamps') });
  const logs = shown.map((container) => printer.follow(client, container, { follow: true, tail: 'all' }).catch(() => undefined));
  const interrupt = new Interrupt();
  const codes = new Map<string, number>();
  const ends = followed.map((container) => waitForEnd(context, container).then((code) => {
    codes.set(container.service, code);
    if (!interrupt.came) context.cli.out(`${container.name} exited with code ${code}\n`);
    return { container, code };
  }));
  const watched = args.string('exit-code-from');
  const abort = args.bool('abort-on-container-exit') || watched !== '';
  const enough = abort ? Promise.race(ends) : args.bool('abort-on-container-failure') ? firstFailure(ends) : Promise.all(ends);
  await Promise.race([enough, interrupted(interrupt)]);
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
