import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { isObject, parseJson } from '../decode.ts';

/** The query of a request, as far as it is needed here. */
interface Query {
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** Parameters of `POST /build` that are whole words of the frontend, and their names there. */
const SAME: Readonly<Record<string, string>> = { dockerfile: 'filename', target: 'target', platform: 'platform', shmsize: 'shm-size' };

/** The query of `POST /build` as attributes of the Dockerfile frontend. @throws GantryError invalid for JSON that is none */
export function buildAttributes(query: Query): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [parameter, attribute] of Object.entries(SAME)) {
    const value = query.get(parameter) ?? '';
    if (value !== '' && value !== '0') attributes.set(attribute, value);
  }
  for (const [name, value] of Object.entries(objectOf(query, 'buildargs'))) if (typeof value === 'string') attributes.set(`build-arg:${name}`, value);
  for (const [name, value] of Object.entries(objectOf(query, 'labels'))) if (typeof value === 'string') attributes.set(`label:${name}`, value);
  if (isTrue(query.get('nocache'))) attributes.set('no-cache', '');
  if (isTrue(query.get('pull'))) attributes.set('image-resolve-mode', 'pull');
  const hosts = query.getAll('extrahosts').flatMap((value) => value.split(',')).filter(Boolean).map((pair) => pair.replace(/^([^:=]+)[:=]/, '$1='));
  if (hosts.length > 0) attributes.set('add-hosts', hosts.join(','));
  const network = query.get('networkmode') ?? '';
  if (network !== '') attributes.set('force-network-mode', network);
  const ulimits = listOf(query, 'ulimits').filter(isObject).map(({ Name, Soft, Hard }) => `${String(Name)}=${String(Soft)}:${String(Hard)}`);
  if (ulimits.length > 0) attributes.set('ulimit', ulimits.join(','));
  return attributes;
}

/** Images that a build may take steps from, by `cachefrom`. */
export function cacheSources(query: Query): readonly string[] {
  return listOf(query, 'cachefrom').filter((name) => typeof name === 'string');
}

/** Names of the image, in the order in which they were given. */
export function buildNames(query: Query): readonly string[] {
  return [...new Set(query.getAll('t').filter((name) => name !== ''))];
}

function isTrue(value: string | null): boolean {
  return value !== null && !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());
}

function objectOf(query: Query, parameter: string): JsonObject {
  const text = query.get(parameter) ?? '';
  if (text === '') return {};
  const value = parseJson(text);
  if (value === null) return {};
  if (!isObject(value)) throw new GantryError('invalid', `${parameter} is no JSON object`);
  return value;
}

function listOf(query: Query, parameter: string): readonly Json[] {
  const text = query.get(parameter) ?? '';
  const value = text === '' ? [] : parseJson(text);
  return Array.isArray(value) ? value : [];
}
