import { GantryError, messageOf } from '#base/error.ts';
import type { CliContext } from '../command-spec.ts';
import { compactJson, indentJson } from '../print/json-text.ts';
import { StatusError } from '../status-error.ts';
import { parseJsonExactly } from '../template/parse-json.ts';
import type { Template } from '../template/template.ts';
import { addGoFields } from './_go-fields.ts';

/**
 * Prints objects as `inspect` does: the daemon's JSON laid out anew, or a template for each. Objects that are not there
 * are named at the end, after the ones that are.
 */
export async function inspectObjects(
  context: CliContext,
  names: readonly string[],
  format: string,
  fetch: (name: string) => Promise<string>,
): Promise<number> {
  const template = format === '' || format === 'json' ? undefined : await compile(format);
  const found: string[] = [];
  const errors: string[] = [];
  for (const name of names) {
    try {
      const text = await fetch(name);
      found.push(template === undefined ? text.trim() : execute(template, text));
    } catch (error) {
      errors.push(messageOf(error));
    }
  }
  if (template !== undefined) context.out(found.length === 0 ? '\n' : found.map((text) => `${text}\n`).join(''));
  else context.out(`${(format === 'json' ? compactJson : indentJson)(`[${found.join(',')}]`)}\n`);
  if (errors.length > 0) throw new GantryError('not-found', errors.join('\n'));
  return 0;
}

async function compile(format: string): Promise<Template> {
  const { compileTemplate } = await import('../template/template.ts');
  try {
    return compileTemplate(format);
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`);
  }
}

function execute(template: Template, text: string): string {
  try {
    return template.execute(addGoFields(parseJsonExactly(text)));
  } catch (error) {
    throw new GantryError('invalid', `template parsing error: ${messageOf(error)}`, { cause: error });
  }
}
