import type { Json, JsonObject } from '#base/json.ts';
import { isObject } from '../decode.ts';
import { invalid } from './invalid.ts';

/** Words as a Dockerfile splits them: spaces part, quotes and backslashes keep together. */
function splitWords(text: string): string[] {
  const words = [...text.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g)].map(([word]) => word);
  return words.map((word) => word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_all, double?: string, single?: string, escaped?: string) =>
    double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(.)/g, '$1')));
}

/** `NAME=value ...`, or the older `NAME value`. */
function pairs(text: string, instruction: string): [string, string][] {
  const words = splitWords(text);
  const [first = ''] = words;
  if (words.length > 1 && !first.includes('=')) return [[first, text.slice(text.indexOf(first) + first.length).trim()]];
  return words.map((word): [string, string] => {
    const at = word.indexOf('=');
    if (at <= 0) throw invalid(`${instruction} must have two arguments`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

/** The JSON form is taken as it is, anything else goes to a shell. */
function command(text: string): readonly string[] {
  const list = jsonList(text);
  return list ?? ['/bin/sh', '-c', text];
}

function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const json = JSON.parse(text) as Json;
    return Array.isArray(json) && json.every((item: Json) => typeof item === 'string') ? (json as readonly string[]) : undefined;
  } catch {
    return undefined;
  }
}

function health(text: string): JsonObject {
  const match = /^((?:--\S+\s+)*)(NONE|CMD)\s*(.*)$/is.exec(text);
  if (match === null) throw invalid(`Unknown type in HEALTHCHECK: ${text}`);
  const [, flags = '', kind = '', rest = ''] = match;
  if (flags.trim() !== '') throw invalid('a HEALTHCHECK among changes takes no flags', );
  if (kind.toUpperCase() === 'NONE') return { Test: ['NONE'] };
  const list = jsonList(rest);
  return { Test: list === undefined ? ['CMD-SHELL', rest] : ['CMD', ...list] };
}

const listed = (text: string): readonly string[] => jsonList(text) ?? splitWords(text);

function setOf(keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

/** What an instruction sets in a config; `config` is what was there before. */
function apply(config: JsonObject, written: string, rest: string): JsonObject {
  const name = written.toUpperCase();
  const before = (field: string): JsonObject => (isObject(config[field]) ? config[field] : {});
  const env = Array.isArray(config['Env']) ? (config['Env'] as readonly string[]) : [];
  switch (name) {
    case 'CMD': return { Cmd: command(rest) };
    case 'ENTRYPOINT': return { Entrypoint: command(rest) };
    case 'ENV': {
      const given = pairs(rest, name);
      return { Env: [...env.filter((entry) => !given.some(([key]) => entry.startsWith(`${key}=`))), ...given.map(([key, value]) => `${key}=${value}`)] };
    }
    case 'EXPOSE': return { ExposedPorts: { ...before('ExposedPorts'), ...setOf(splitWords(rest).map((port) => (port.includes('/') ? port : `${port}/tcp`))) } };
    case 'LABEL': return { Labels: { ...before('Labels'), ...Object.fromEntries(pairs(rest, name)) } };
    case 'USER': return { User: rest };
    case 'VOLUME': return { Volumes: { ...before('Volumes'), ...setOf(listed(rest)) } };
    case 'WORKDIR': return { WorkingDir: rest.startsWith('/') ? rest : `${typeof config['WorkingDir'] === 'string' ? config['WorkingDir'] : ''}/${rest}` };
    case 'STOPSIGNAL': return { StopSignal: rest };
    case 'ONBUILD': return { OnBuild: [...(Array.isArray(config['OnBuild']) ? config['OnBuild'] : []), rest] };
    case 'HEALTHCHECK': return { Healthcheck: health(rest) };
    default: throw invalid(`${written} is not a valid change command`);
  }
}

/** `--change` instructions of import and commit, put upon the config that they change. */
export function applyChanges(config: JsonObject, changes: readonly string[]): JsonObject {
  return changes.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '').reduce((changed, line) => {
    const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
    if (rest === '') throw invalid(`${name.toUpperCase()} requires at least one argument`);
    return { ...changed, ...apply(changed, name, rest) };
  }, config);
}
