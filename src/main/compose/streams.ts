import { atLeast } from '#cli/grammar/arity.ts';
import { boolFlag, intFlag, stringFlag } from '#cli/grammar/flag.ts';
import { readJsonLines } from '#cli/http/json-lines.ts';
import { eventTime } from '#cli/print/time.ts';
import { observeContainers } from '#compose/plan/observe.ts';
import { planDown } from '#compose/plan/plan-down.ts';
import { label } from '#compose/value/labels.ts';
import type { ComposeCommand } from './compose-command.ts';
import { containersOf, openNamed, perform } from './compose-session.ts';
import { LogPrinter } from './log-printer.ts';

export const logsCommand: ComposeCommand = {
  summary: 'Print what containers wrote',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [
    boolFlag('follow', 'f', 'Go on with what is written from now on'), intFlag('index', '', 'Number of the container, when the service has several'), boolFlag('no-color', '', 'Print without colour'),
    boolFlag('no-log-prefix', '', 'Print lines without the name of their container'), stringFlag('since', '', 'From this time on, or so long ago: 42m'), stringFlag('tail', 'n', 'So many last lines of each container', { fallback: 'all' }),
    boolFlag('timestamps', 't', 'Print times'), stringFlag('until', '', 'Up to this time, or so long ago'),
  ],
  run: async (context, args) => {
    const client = await context.cli.client();
    const index = args.int('index');
    const found = (await containersOf(context, openNamed(context), args.operands)).filter(({ number }) => index === 0 || number === index);
    const printer = new LogPrinter(context, found.map(({ name }) => name), { prefix: !args.bool('no-log-prefix'), color: !args.bool('no-color'), timestamps: args.bool('timestamps') });
    const range = { follow: args.bool('follow'), tail: args.string('tail'), ...moment('since', args.string('since')), ...moment('until', args.string('until')) };
    if (range.follow) await Promise.all(found.map((container) => printer.follow(client, container, range)));
    else for (const container of found) await printer.follow(client, container, range);
    return 0;
  },
};

/** A time, or a duration before now: `2026-01-02T03:04:05`, `10m`. */
function moment(key: 'since' | 'until', text: string): Readonly<Record<string, string>> {
  if (text === '') return {};
  const [, amount = '', unit = ''] = /^([0-9.]+)([smhd])$/.exec(text) ?? [];
  const scale = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  if (scale !== undefined) return { [key]: String(Date.now() / 1000 - Number(amount) * scale) };
  const time = Date.parse(text);
  return { [key]: Number.isNaN(time) ? text : String(time / 1000) };
}

interface DockerEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> | null };
  readonly timeNano: number | bigint;
}

export const eventsCommand: ComposeCommand = {
  summary: 'Show events of containers as they happen',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [boolFlag('json', '', 'Print a JSON object for each'), stringFlag('since', '', 'From this time on'), stringFlag('until', '', 'Up to this time')],
  run: async (context, args) => {
    const client = await context.cli.client();
    const { name } = openNamed(context);
    const filters = JSON.stringify({ label: [`${label.project}=${name}`], type: ['container'] });
    for await (const { Action, Actor, timeNano } of readJsonLines<DockerEvent>(client.stream('GET', '/events', { query: { filters, ...moment('since', args.string('since')), ...moment('until', args.string('until')) } }))) {
      const attributes = Actor.Attributes ?? {};
      const service = attributes[label.service] ?? '';
      if (args.operands.length > 0 && !args.operands.includes(service)) continue;
      const shown = Object.fromEntries(Object.entries(attributes).filter(([key]) => !key.startsWith('com.docker.compose.')));
      const time = eventTime(BigInt(timeNano));
      context.cli.out(args.bool('json')
        ? `${JSON.stringify({ time, type: 'container', service, id: Actor.ID, action: Action, attributes: shown })}\n`
        : `${time} container ${Action} ${Actor.ID} (${Object.entries(shown).map(([key, value]) => `${key}=${value}`).join(', ')})\n`);
    }
    return 0;
  },
};

export const waitCommand: ComposeCommand = {
  summary: 'Wait until a container of services stops, and end with its exit code',
  operands: '[OPTIONS] SERVICE [SERVICE...]',
  flags: [boolFlag('down-project', '', 'Take the project down then')],
  arity: atLeast(1),
  run: async (context, args) => {
    const client = await context.cli.client();
    const named = openNamed(context);
    const found = await containersOf(context, named, args.operands);
    const first = await Promise.race(found.map(async ({ id, name }) => {
      const { StatusCode } = await client.json<{ readonly StatusCode: number }>('POST', `/containers/${id}/wait`, { query: { condition: 'not-running' } });
      return { name, StatusCode };
    }));
    context.cli.out(`container "${first.name}" exited with status code ${first.StatusCode}\n`);
    if (args.bool('down-project')) await perform(context, planDown({ containers: await observeContainers(client, named.name), networks: [], volumes: [], images: [] }, { timeoutSeconds: undefined }));
    return first.StatusCode;
  },
};
