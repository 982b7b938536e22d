import type { Json } from '#base/json.ts';
import { unknownCustomFields } from '#cluster/kinds/custom/custom-kind.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { unknownFields } from '#cluster/kinds/unknown-fields.ts';
import { duplicateFields, placesOf } from './duplicate-fields.ts';
import { textOf } from './json-body.ts';
import { isYaml } from './read-body.ts';
import { badRequest } from './refusals.ts';
import { parseYaml } from './yaml-body.ts';

const MODES = ['Ignore', 'Warn', 'Strict'];

/** A body as it came. */
export interface BodyText {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/**
 * `fieldValidation` of a write (kubernetes.io, API concepts, "Field validation").
 * @param body where the value stands in it, and not only what changes it
 * @returns warnings @throws StatusError where it is Strict, and a field is not known or stands twice
 */
export function checkFields(schemas: SchemaSet, of: ResourceDefinition, value: Json, mode: string | undefined, body: BodyText, isPatch = false): readonly string[] {
  const kind = modeOf(mode);
  if (kind === 'Ignore') return [];
  const unknown = of.custom !== undefined ? unknownCustomFields(of.custom, value) : of.message === undefined ? [] : unknownFields(schemas, of.message, value);
  const faults = faultsOf(unknown, body, isPatch);
  if (kind === 'Strict' && faults.strict.length > 0) throw badRequest(`${of.kind} in version ${JSON.stringify(of.version)} cannot be handled as a ${of.kind}: strict decoding error: ${faults.strict.join(', ')}`);
  return faults.warnings;
}

/** The same for a configuration to apply, whose unknown fields the schema itself refuses. */
export function checkConfiguration(mode: string | undefined, bytes: Uint8Array): readonly string[] {
  const kind = modeOf(mode);
  if (kind === 'Ignore') return [];
  const duplicates = yamlDuplicates(bytes);
  if (kind === 'Strict' && duplicates.length > 0) throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${yamlError(duplicates)}`);
  return duplicates;
}

function modeOf(mode: string | undefined): string {
  if (mode !== undefined && !MODES.includes(mode)) throw badRequest(`fieldValidation: Unsupported value: ${JSON.stringify(mode)}: supported values: "Ignore", "Warn", "Strict"`);
  return mode ?? 'Warn';
}

interface Faults {
  readonly strict: readonly string[];
  readonly warnings: readonly string[];
}

function faultsOf(unknown: readonly string[], { contentType, bytes }: BodyText, isPatch: boolean): Faults {
  const unknownTexts = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (isYaml(contentType)) {
    const duplicates = yamlDuplicates(bytes);
    return { strict: [...(duplicates.length === 0 ? [] : [yamlError(duplicates)]), ...unknownTexts], warnings: [...duplicates, ...unknownTexts] };
  }
  const isJson = /^application\/(?:merge-patch\+|strategic-merge-patch\+)?json$/.test(contentType.split(';')[0]?.trim() ?? '') || contentType === '';
  const texts = isJson ? inOrder(unknown, unknownTexts, textOf(bytes), isPatch) : unknownTexts;
  return { strict: texts, warnings: texts };
}

/** Faults of an object come as they stand in it; those of a patch itself before those of what it makes. */
function inOrder(unknown: readonly string[], unknownTexts: readonly string[], text: string, isPatch: boolean): readonly string[] {
  const isUnknown = (path: string): boolean => unknown.some((each) => path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`));
  const duplicates = duplicateFields(text).filter(({ path }) => isPatch || !isUnknown(path)).map(({ path, at }) => ({ text: `duplicate field ${JSON.stringify(path)}`, at }));
  if (duplicates.length === 0) return unknownTexts;
  const places = isPatch ? undefined : placesOf(text, new Set(unknown));
  const others = unknown.map((path, index) => ({ text: unknownTexts[index] as string, at: places?.get(path) ?? Number.POSITIVE_INFINITY }));
  return [...duplicates, ...others].sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map((each) => each.text);
}

function yamlDuplicates(bytes: Uint8Array): readonly string[] {
  return parseYaml(bytes).duplicates;
}

const yamlError = (duplicates: readonly string[]): string => `yaml: unmarshal errors:\n${duplicates.map((each) => `  ${each}`).join('\n')}`;
