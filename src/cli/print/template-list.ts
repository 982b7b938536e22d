import { GantryError, messageOf } from '#base/error.ts';
import type { TemplateFunctions } from '../template/functions.ts';
import { compileTemplate } from '../template/template.ts';
import type { View } from '../template/value.ts';
import type { Header } from './format.ts';
import { alignTabs, listLayout } from './table.ts';

/** In a table's header a function leaves the title alone. */
const headerFunctions: TemplateFunctions = Object.fromEntries(
  ['json', 'split', 'join', 'title', 'lower', 'upper', 'truncate'].map((name) => [name, (title: unknown) => title]),
);

/** A list by `TEMPLATE` or `table TEMPLATE`. In the template `\t` and `\n` may be written with a backslash. */
export function formatByTemplate(views: readonly View[], format: string, header: Header): string {
  const isTable = format.startsWith('table');
  const source = (isTable ? format.slice('table'.length) : format).replace(/^ +| +$/g, '').replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  try {
    const template = compileTemplate(source);
    const lines = views.map((view) => `${template.execute(view)}\n`).join('');
    if (!isTable) return lines;
    return alignTabs(`${template.executeWith({ Label: lastWord, ...header }, headerFunctions)}\n${lines}`, listLayout);
  } catch (error) {
    throw new GantryError('invalid', `template parsing error: ${messageOf(error)}`, { cause: error });
  }
}

/** `com.example.my-name` heads its column as `my name`. */
function lastWord(name: unknown): string {
  return (String(name).split('.').at(-1) ?? '').replaceAll(/[-_]/g, ' ');
}
