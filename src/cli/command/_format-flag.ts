import { stringFlag, type FlagSpec } from '../grammar/flag.ts';

/** `--format` of a list, which has a table. */
export const listFormatFlag: FlagSpec = stringFlag('format', '', "How to print: 'table', 'table TEMPLATE', 'json', or a Go TEMPLATE", { completes: ['table', 'json'] });

/** `--format` of an object, which has none. */
export function objectFormatFlag(short: string): FlagSpec {
  return stringFlag('format', short, "How to print: 'json' or a Go TEMPLATE", { completes: ['json'] });
}
