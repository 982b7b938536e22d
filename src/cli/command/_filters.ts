import { listFlag, type FlagSpec } from '../grammar/flag.ts';
import { cut } from '../lower/split.ts';
import { invalid } from '../status-error.ts';

export function filterFlag(help = 'Show only what matches (name=value)', short = 'f'): FlagSpec {
  return listFlag('filter', short, help, { value: 'filter', check: checkFilter });
}

/** `--filter` values as the query parameter of the API: `{"label":{"a=b":true}}`. Undefined without filters. */
export function filterQuery(filters: readonly string[]): string | undefined {
  const byName: Record<string, Record<string, true>> = {};
  for (const filter of filters) {
    if (filter === '') continue;
    const [name, value] = cut(filter, '=');
    (byName[name.trim().toLowerCase()] ??= {})[(value ?? '').trim()] = true;
  }
  const sorted = Object.entries(byName).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? undefined : JSON.stringify(Object.fromEntries(sorted));
}

function checkFilter(text: string): void {
  if (text !== '' && !text.includes('=')) throw invalid('bad format of filter (expected name=value)');
}
