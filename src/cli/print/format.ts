import { GantryError, messageOf } from '#base/error.ts';
import { compileTemplate, type Template } from '../template/template.ts';
import type { TemplateFunctions } from '../template/functions.ts';
import type { View } from '../template/value.ts';
import { alignTabs, listLayout } from './table.ts';

/** Column titles by field; `Label` may be a function, for `{{.Label "a"}}`. */
export type Header = Readonly<Record<string, unknown>>;

export interface ListFormat {
  /** `--format`, or empty for the command's own table. */
  readonly format: string;
  /** The command's own table, as a template after `table `. */
  readonly table: string;
  readonly header: Header;
}

/** In a table's header a function leaves the title alone. */
const headerFunctions: TemplateFunctions = Object.fromEntries(
  ['json', 'split', 'join', 'title', 'lower', 'upper', 'truncate'].map((name) => [name, (title: unknown) => title]),
);

/** A list in the format that the caller asked for: `table`, `table TEMPLATE`, `json` or a template, one line for each view. */
export function formatList(views: readonly View[], { format, table, header }: ListFormat): string {
  const asked = format === '' || format === 'table' ? `table ${table}` : format === 'json' ? '{{json .}}' : format;
  const isTable = asked.startsWith('table');
  const source = (isTable ? asked.slice('table'.length) : asked).replace(/^ +| +$/g, '').replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  const template = compileList(source);
  const lines = views.map((view) => `${execute(template, view)}\n`).join('');
  if (!isTable) return lines;
  return alignTabs(`${template.executeWith({ Label: lastWord, ...header }, headerFunctions)}\n${lines}`, listLayout);
}

/** `com.example.my-name` heads its column as `my name`. */
function lastWord(name: unknown): string {
  return (String(name).split('.').at(-1) ?? '').replaceAll(/[-_]/g, ' ');
}

function compileList(source: string): Template {
  try {
    return compileTemplate(source);
  } catch (error) {
    throw new GantryError('invalid', `template parsing error: ${messageOf(error)}`, { cause: error });
  }
}

function execute(template: Template, view: View): string {
  try {
    return template.execute(view);
  } catch (error) {
    throw new GantryError('invalid', `template parsing error: ${messageOf(error)}`, { cause: error });
  }
}
