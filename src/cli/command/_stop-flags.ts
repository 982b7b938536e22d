import { intFlag, stringFlag, type FlagSpec } from '../grammar/flag.ts';
import type { ParsedArgs } from '../grammar/parsed-args.ts';
import type { Query } from '../http/api-client.ts';
import { invalid } from '../status-error.ts';

/** The flags that `stop` and `restart` share. */
export const stopFlags: readonly FlagSpec[] = [
  stringFlag('signal', 's', 'Signal to send first'),
  intFlag('timeout', 't', 'Seconds to wait before killing'),
  intFlag('time', '', 'Seconds to wait before killing', { hidden: true, deprecated: 'use --timeout instead' }),
];

export function stopQuery(args: ParsedArgs): Query {
  if (args.changed('time') && args.changed('timeout')) throw invalid('conflicting options: cannot specify both --timeout and --time');
  const flag = args.changed('time') ? 'time' : 'timeout';
  return { signal: args.string('signal') || undefined, t: args.changed(flag) ? args.int(flag) : undefined };
}
