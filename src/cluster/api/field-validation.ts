import type { Json } from '#base/json.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { unknownFields } from '#cluster/kinds/unknown-fields.ts';
import { badRequest } from './refusals.ts';

/** `fieldValidation` of a write. @returns warnings @throws StatusError where it is Strict and a field is not known */
export function checkFields(schemas: SchemaSet, of: ResourceDefinition, value: Json, mode: string | undefined): readonly string[] {
  if (mode !== undefined && !['Ignore', 'Warn', 'Strict'].includes(mode)) throw badRequest(`fieldValidation: Unsupported value: ${JSON.stringify(mode)}: supported values: "Ignore", "Warn", "Strict"`);
  if (mode === 'Ignore' || of.message === undefined) return [];
  const texts = unknownFields(schemas, of.message, value).map((path) => `unknown field ${JSON.stringify(path)}`);
  if (mode === 'Strict' && texts.length > 0) throw badRequest(`${of.kind} in version ${JSON.stringify(of.version)} cannot be handled as a ${of.kind}: strict decoding error: ${texts.join(', ')}`);
  return texts;
}
