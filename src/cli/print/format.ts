import { jsonValue, type View } from '../template/value.ts';
import { alignTabs, listLayout } from './table.ts';

/** Column titles by field. */
export type Header = Readonly<Record<string, string>>;

export interface ListFormat {
  /** `--format`, or empty for the command's own table. */
  readonly format: string;
  /** The fields of the command's own table. */
  readonly columns: readonly string[];
  readonly header: Header;
}

/**
 * A list in the format that the caller asked for, one line for each view: `table`, `table TEMPLATE`, `json` or a
 * template. The engine of the templates is loaded only for the last.
 */
export async function formatList(views: readonly View[], { format, columns, header }: ListFormat): Promise<string> {
  if (format === 'json') return views.map((view) => `${jsonValue(view)}\n`).join('');
  if (format !== '' && format !== 'table') {
    const { formatByTemplate } = await import('./template-list.ts');
    return formatByTemplate(views, format, header);
  }
  const rows = [columns.map((field) => header[field] ?? ''), ...views.map((view) => columns.map((field) => String(view[field])))];
  return alignTabs(rows.map((cells) => `${cells.join('\t')}\n`).join(''), listLayout);
}

/** One field of each view, a line each: what `--quiet` prints. */
export function listField(views: readonly View[], field: string): string {
  return views.map((view) => `${String(view[field])}\n`).join('');
}
