import { goText, compareText } from '../value/go-text.ts';
import { problem, type Path } from '../value/places.ts';
import { Float, isMapping, type Mapping, type Value } from '../value/value.ts';
import { parseBytes } from './bytes.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { kind, sorted, wrong, type Kind } from './kind.ts';
import { splitWords } from './words.ts';

export type TextMap = ReadonlyMap<string, string>;

const written = (values: ReadonlyMap<string, string | null>): Value | undefined => (values.size === 0 ? undefined : new Map(sorted(values)));

function cut(entry: string): [string, string | undefined] {
  const at = entry.indexOf('=');
  return at === -1 ? [entry, undefined] : [entry.slice(0, at), entry.slice(at + 1)];
}

/** `key: value` or `key=value`, whatever has no value being empty: labels, options, annotations. */
export const textMap: Kind<TextMap> = kind((value, path) => {
  if (Array.isArray(value)) return new Map(value.map((entry) => cut(goText(entry))).map(([key, text]) => [key, text ?? '']));
  if (!isMapping(value)) throw wrong(value, path, 'a mapping or a list');
  return new Map([...value].map(([key, entry]) => [key, entry === null ? '' : goText(entry)]));
}, written);

/** Variables: null is one that has no value here, and takes that of the environment. */
export const variables: Kind<ReadonlyMap<string, string | null>> = kind((value, path) => {
  if (isMapping(value)) return new Map([...value].map(([key, entry]) => [key, entry === null ? null : goText(entry)]));
  if (!Array.isArray(value)) throw wrong(value, path, 'a mapping or a list');
  return new Map(value.map((entry, index) => {
    const [name, given] = cut(goText(entry));
    if (/\s$/.test(name)) throw problem([...path, String(index)], `environment variable ${name} is declared with a trailing space`, 'remove the space before the =');
    return [name, given ?? null];
  }));
}, written);

/** Nanoseconds; written like `1m30s`. */
export const duration: Kind<bigint> = kind(readDuration, formatDuration);

/** A duration that is left out when it is 0. */
export const plainDuration: Kind<bigint> = kind(readDuration, (value) => (value === 0n ? undefined : formatDuration(value)));

function readDuration(value: Value, path: Path): bigint {
  const read = parseDuration(goText(value));
  if (read === undefined) throw problem(path, `invalid duration: ${goText(value)}`, 'write a number with a unit: 30s, 1m30s, 2h');
  return read;
}

/** Bytes; written as text, because that is how compose writes them. */
export const bytes: Kind<number> = kind((value, path) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^-?1$/.test(value)) return Number(value);
  const read = typeof value === 'string' ? parseBytes(value) : value instanceof Float ? 0 : undefined;
  if (read === undefined) throw problem(path, `invalid size: '${goText(value)}'`, 'write bytes, or a number with a unit: 64m, 1.5g');
  return read;
}, (value) => (value === 0 ? undefined : String(value)));

/** A command line: one text is split into words; an empty one, unlike none, clears what the image says. */
export const command: Kind<readonly string[]> & { readonly unset: null } = {
  ...kind<readonly string[]>((value, path) => {
    if (typeof value === 'string') {
      try {
        return splitWords(value);
      } catch (thrown) {
        throw problem(path, (thrown as Error).message, 'close the quote, or write the command as a list');
      }
    }
    return Array.isArray(value) ? value.map(goText) : [];
  }, (value) => [...value]),
  unset: null,
};

/** Addresses by host name. */
export const hosts: Kind<ReadonlyMap<string, readonly string[]>> = kind((value, path) => {
  const entries: [string, string[]][] = isMapping(value)
    ? [...value].map(([host, given]) => [host, Array.isArray(given) ? given.map(goText) : [given === null ? '' : goText(given)]])
    : (Array.isArray(value) ? value : []).map((entry, index) => hostEntry(goText(entry), [...path, String(index)]));
  const found = new Map<string, readonly string[]>();
  for (const [host, addresses] of entries) {
    if (host === '' || /[:=]/.test(host)) throw problem(path, `bad host name '${host}'`, 'write NAME=ADDRESS');
    found.set(host, [...(found.get(host) ?? []), ...addresses.map((address) => (/^\[.+\]$/.test(address) ? address.slice(1, -1) : address))]);
  }
  return found;
}, (value) => {
  const list = [...value].flatMap(([host, addresses]) => addresses.map((address) => `${host}=${address}`)).sort(compareText);
  return list.length === 0 ? undefined : list;
});

function hostEntry(entry: string, path: Path): [string, string[]] {
  const separator = ['=', ':'].find((sign) => entry.includes(sign));
  if (separator === undefined) throw problem(path, `invalid additional host, missing IP: ${entry}`, 'write NAME=ADDRESS');
  const at = entry.indexOf(separator);
  return [entry.slice(0, at), entry.slice(at + 1).split(',')];
}

/** Bits of a file's mode; written in octal. */
export const fileMode: Kind<number> = kind((value, path) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^[0-7]+$/.test(value)) return Number.parseInt(value, 8);
  throw problem(path, `invalid mode: ${goText(value)}`, 'write it in octal: 0440');
}, (value) => `0${value.toString(8)}`);

/** `all` is -1. */
export const deviceCount: Kind<number> = kind((value, path) => {
  if (typeof value === 'number') return value;
  const given = goText(value);
  if (given.toLowerCase() === 'all') return -1;
  if (!/^-?[0-9]+$/.test(given)) throw problem(path, `invalid value ${JSON.stringify(given)}, the only value allowed is 'all' or a number`);
  return Number(given);
}, (value) => (value === 0 ? undefined : value));

export interface Ulimit { readonly soft: number; readonly hard: number; readonly single: boolean }

export const ulimit: Kind<Ulimit> = {
  read: (value, path) => {
    if (!isMapping(value)) return single(numberOf(value, path));
    return { soft: numberOf(value.get('soft') ?? 0, path), hard: numberOf(value.get('hard') ?? 0, path), single: false };
  },
  yaml: (value) => (value.single && value.soft !== 0 ? value.soft : new Map([['soft', value.single ? 0 : value.soft], ['hard', value.single ? 0 : value.hard]])),
  json: (value) => (value.single && value.soft !== 0 ? value.soft : withoutZero([['soft', value.single ? 0 : value.soft], ['hard', value.single ? 0 : value.hard]])),
};

const single = (limit: number): Ulimit => ({ soft: limit, hard: limit, single: true });

function numberOf(value: Value, path: Path): number {
  const number = Number(goText(value));
  if (!Number.isInteger(number)) throw problem(path, `invalid ulimit: ${goText(value)}`, 'write a whole number, or soft and hard');
  return number;
}

function withoutZero(entries: readonly (readonly [string, number])[]): Mapping {
  return new Map(entries.filter(([, value]) => value !== 0));
}

/** Keys of an agent by their ids. */
export const sshKeys: Kind<ReadonlyMap<string, string | null>> = kind((value, path) => {
  if (!isMapping(value)) throw wrong(value, path, 'a mapping or a list');
  return new Map([...value].map(([id, key]) => [id, key === null ? null : goText(key)]));
}, (value) => (value.size === 0 ? undefined : [...value].map(([id, key]) => (key === null || key === '' ? id : `${id}: ${key}`))));
