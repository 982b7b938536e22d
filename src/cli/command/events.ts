import { messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { readJsonLines } from '../http/json-lines.ts';
import { lowerTimestamp } from '../lower/timestamp.ts';
import { eventTime } from '../print/time.ts';
import { StatusError } from '../status-error.ts';
import type { Template } from '../template/template.ts';
import { filterFlag, filterQuery } from './_filters.ts';
import { objectFormatFlag } from './_format-flag.ts';

interface DaemonEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> | null };
  readonly time?: number;
  readonly timeNano?: number | bigint;
}

export const eventsCommand: CommandSpec = {
  summary: "Watch the daemon's events",
  operands: '[OPTIONS]',
  aliases: ['system events', 'events'],
  flags: [
    filterFlag(),
    objectFormatFlag(''),
    stringFlag('since', '', 'Begin with the events since this time'),
    stringFlag('until', '', 'End at this time'),
  ],
  arity: noOperands,
  run: async (context, args) => {
    const template = await templateOf(args.string('format'));
    const query = {
      since: lowerTimestamp(args.string('since'), Date.now()),
      until: lowerTimestamp(args.string('until'), Date.now()),
      filters: filterQuery(args.list('filter')),
    };
    const client = await context.client();
    for await (const event of readJsonLines<DaemonEvent>(client.stream('GET', '/events', { query }))) {
      context.out(`${template === undefined ? describeEvent(event) : template.execute(goNames(event))}\n`);
    }
    return 0;
  },
};

async function templateOf(format: string): Promise<Template | undefined> {
  if (format === '') return undefined;
  const { compileTemplate } = await import('../template/template.ts');
  try {
    return compileTemplate(format === 'json' ? '{{json .}}' : format);
  } catch (error) {
    throw new StatusError(64, `Error parsing format: ${messageOf(error)}`);
  }
}

function describeEvent({ Type, Action, Actor, time: seconds = 0, timeNano: exact }: DaemonEvent): string {
  const timeNano = exact === undefined ? BigInt(seconds) * 1_000_000_000n : BigInt(exact);
  const attributes = Object.entries(Actor.Attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const details = attributes.length === 0 ? '' : ` (${attributes.map(([key, value]) => `${key}=${value}`).join(', ')})`;
  const time = timeNano === 0n ? '' : `${eventTime(timeNano)} `;
  return `${time}${Type} ${Action} ${Actor.ID}${details}`;
}

/** Templates may say `.Time` and `.TimeNano`, as the fields are called in Go. */
function goNames(event: DaemonEvent): DaemonEvent {
  const copy = { ...event };
  Object.defineProperties(copy, { Time: { value: event.time }, TimeNano: { value: event.timeNano } });
  return copy;
}
