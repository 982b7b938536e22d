import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { directiveOf, OPTIONS, type Option } from './options.ts';

/** The values of one option: none, one, or those of a list; a map's are `key=value`. */
export type Values = readonly string[];

/** What dockerd was told, by flag. Options that nobody named are not in it. */
export type Given = ReadonlyMap<string, Values>;

const isObject = (json: Json | undefined): json is JsonObject => typeof json === 'object' && json !== null && !Array.isArray(json);

/** As Go prints it in the message that clients' operators know. */
function shown(option: Option, values: Values): string {
  if (option.kind === 'list') return `[${values.join(' ')}]`;
  return option.kind === 'map' ? `map[${values.map((value) => value.replace('=', ':')).join(' ')}]` : values.join(' ');
}

function wrongType(directive: string, wanted: string, json: Json): GantryError {
  return new GantryError('invalid', `${directive}: ${JSON.stringify(json).slice(0, 100)} is no ${wanted}`);
}

function scalar(directive: string, json: Json): string {
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return String(json);
  throw wrongType(directive, 'single value', json);
}

/** `{"nofile": {"Name": "nofile", "Soft": 1, "Hard": 2}}` as `nofile=1:2`; `{"bridge": {"a": "b"}}` as `bridge=a=b`; other values as they are. */
function entry(directive: string, key: string, json: Json): string[] {
  if (!isObject(json)) return [`${key}=${scalar(directive, json)}`];
  if (directive === 'default-ulimits') {
    const [soft = null, hard = null] = [json['Soft'] ?? json['Hard'], json['Hard'] ?? json['Soft']];
    return [`${key}=${scalar(directive, soft)}:${scalar(directive, hard)}`];
  }
  return Object.entries(json).map(([inner, value]) => `${key}=${inner}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
}

function valuesOf(option: Option, directive: string, json: Json): Values {
  switch (option.kind) {
    case 'bool':
      if (typeof json !== 'boolean') throw wrongType(directive, 'true or false', json);
      return [String(json)];
    case 'int':
      if (typeof json !== 'number' || !Number.isInteger(json)) throw wrongType(directive, 'whole number', json);
      return [String(json)];
    case 'string': return [scalar(directive, json)];
    case 'list':
      if (!Array.isArray(json)) throw wrongType(directive, 'list', json);
      return json.map((item: Json) => (isObject(item) ? Object.entries(item).map(([key, value]) => `${key}=${scalar(directive, value ?? null)}`).join(',') : scalar(directive, item)));
    case 'map':
      if (!isObject(json)) throw wrongType(directive, 'object', json);
      return Object.entries(json).flatMap(([key, value]) => entry(directive, key, value ?? null));
  }
}

/** Directives of the file, with those of `proxies` taken out of it. */
function directives(json: Json): [string, Json][] {
  if (!isObject(json)) throw new GantryError('invalid', 'the file holds no JSON object');
  const of = (object: JsonObject): [string, Json][] => Object.entries(object).map(([key, value]) => [key, value ?? null]);
  return of(json).flatMap(([key, value]) => (key === 'proxies' && isObject(value) ? of(value) : [[key, value] satisfies [string, Json]]));
}

/**
 * Flags and the file's directives together.
 * @throws GantryError invalid, in dockerd's words, for directives that are none and for those that are given twice
 */
export function mergeSettings(flags: Given, file: Json): Given {
  const byDirective = new Map(OPTIONS.map((option) => [directiveOf(option), option]));
  const found = directives(file);
  const unknown = found.filter(([directive]) => !byDirective.has(directive)).map(([directive]) => directive);
  if (unknown.length > 0) throw new GantryError('invalid', `the following directives don't match any configuration option: ${unknown.join(', ')}`);
  const merged = new Map(flags);
  const conflicts: string[] = [];
  for (const [directive, json] of found) {
    const option = byDirective.get(directive);
    if (option === undefined || json === null) continue;
    const values = valuesOf(option, directive, json);
    const flagged = flags.get(option.flag);
    if (flagged !== undefined) conflicts.push(`${directive}: (from flag: ${shown(option, flagged)}, from file: ${shown(option, values)})`);
    else merged.set(option.flag, values);
  }
  if (conflicts.length > 0) throw new GantryError('invalid', `the following directives are specified both as a flag and in the configuration file: ${conflicts.join(', ')}`);
  return merged;
}

/**
 * @returns lines about options that are taken and change nothing
 * @throws GantryError unimplemented for one that asks for what is not there
 */
export function checkEffects(given: Given): string[] {
  const lines: string[] = [];
  for (const option of OPTIONS) {
    const values = given.get(option.flag);
    if (values === undefined || option.effect === 'used') continue;
    if (option.effect === 'moot') lines.push(`--${option.flag} changes nothing: ${option.why}`);
    else if (values.some((value) => option.harmless?.includes(value) !== true)) {
      throw new GantryError('unimplemented', `--${option.flag} ${shown(option, values)} is not supported: ${option.why}`, { hint: `leave ${directiveOf(option) ?? option.flag} out` });
    }
  }
  return lines;
}
