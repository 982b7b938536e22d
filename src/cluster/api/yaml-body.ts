import { parseDocument } from 'yaml';
import type { Json } from '#base/json.ts';
import { badRequest } from './refusals.ts';

/** How often aliases may be followed: a body of some kilobytes can name gigabytes otherwise. */
const MOST_ALIASES = 100;

/** One YAML document, with the booleans of YAML 1.1 that clients write. @throws StatusError invalid, with line and column */
export function parseYaml(text: string): Json {
  const document = parseDocument(text, { version: '1.1', merge: true, uniqueKeys: true, prettyErrors: true, schema: 'yaml-1.1', resolveKnownTags: false });
  const [fault] = document.errors;
  if (fault !== undefined) throw badRequest(`the body is no YAML: ${fault.message}`);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as Json;
  } catch (cause) {
    throw badRequest(`the body is no YAML: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
