import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { formatIp, tryParseIp } from '../ip.ts';
import type { Element } from './elements.ts';
import { CHAINS, layoutOf, SET_NAMES, type SetName } from './layout.ts';
import { PROTOCOL_NUMBERS, type FieldType } from './table-layout.ts';

/** The table as the kernel has it. */
export interface ObservedTable {
  readonly sets: ReadonlySet<string>;
  /** How many rules each chain has. */
  readonly ruleCounts: ReadonlyMap<string, number>;
  readonly elements: readonly Element[];
  /** Chains, sets and elements that this layout doesn't know. */
  readonly foreign: readonly string[];
}

/**
 * Reads the JSON of `nft -j list table inet <name>` (libnftables-json(5)). When there is no such table nft
 * fails with ENOENT, and the observation is undefined. Throws `internal` for what is no such JSON.
 */
export function parseTable(json: Json): ObservedTable {
  const list = isObject(json) ? json['nftables'] : undefined;
  if (!Array.isArray(list)) throw new GantryError('internal', 'the list of the firewall is not the JSON of nftables');
  const sets = new Set<string>();
  const ruleCounts = new Map<string, number>();
  const elements: Element[] = [];
  const foreign: string[] = [];
  for (const item of list as readonly Json[]) {
    if (!isObject(item)) continue;
    const set = item['set'] ?? item['map'];
    const [chain, rule] = [item['chain'], item['rule']];
    if (isObject(set)) readSet(set, sets, elements, foreign);
    if (isObject(rule)) ruleCounts.set(String(rule['chain']), (ruleCounts.get(String(rule['chain'])) ?? 0) + 1);
    if (isObject(chain)) {
      const name = String(chain['name']);
      if (!CHAINS.some((known) => known.name === name)) foreign.push(`chain ${name}`);
      if (!ruleCounts.has(name)) ruleCounts.set(name, 0);
    }
  }
  return { sets, ruleCounts, elements, foreign };
}

function readSet(set: JsonObject, sets: Set<string>, elements: Element[], foreign: string[]): void {
  const name = String(set['name']);
  if (!isSetName(name)) {
    foreign.push(`set ${name}`);
    return;
  }
  sets.add(name);
  const members = set['elem'];
  for (const member of Array.isArray(members) ? (members as readonly Json[]) : []) {
    const element = readElement(name, member);
    if (element === undefined) foreign.push(`element ${JSON.stringify(member)} of ${name}`);
    else elements.push(element);
  }
}

function readElement(set: SetName, member: Json): Element | undefined {
  const { key: keyTypes, data: dataTypes } = layoutOf(set);
  if (dataTypes === undefined) {
    const key = readFields(keyTypes, member);
    return key === undefined ? undefined : { set, key };
  }
  const [keyJson, dataJson] = Array.isArray(member) ? (member as readonly Json[]) : [];
  const key = keyJson === undefined ? undefined : readFields(keyTypes, keyJson);
  const data = dataJson === undefined ? undefined : readFields(dataTypes, dataJson);
  return key === undefined || data === undefined ? undefined : { set, key, data };
}

/** An element with options, such as a counter or a comment, wraps its value: `{elem: {val: ...}}`. */
function readFields(types: readonly FieldType[], json: Json): string[] | undefined {
  const wrapped = isObject(json) && isObject(json['elem']) ? json['elem']['val'] : undefined;
  const value = wrapped ?? json;
  const parts = isObject(value) && Array.isArray(value['concat']) ? (value['concat'] as readonly Json[]) : [value];
  if (parts.length !== types.length) return undefined;
  const fields = parts.map((part, index) => readField(types[index]!, part));
  return fields.every((field) => field !== undefined) ? fields : undefined;
}

function readField(type: FieldType, json: Json): string | undefined {
  if (isObject(json)) return readRange(type, json);
  if (typeof json !== 'string' && typeof json !== 'number') return undefined;
  const text = String(json);
  switch (type) {
    case 'protocol':
      return Object.entries(PROTOCOL_NUMBERS).find(([name, number]) => text === name || text === String(number))?.[0];
    case 'ipv4':
    case 'ipv6': {
      const ip = tryParseIp(text);
      return ip === undefined ? undefined : formatIp(ip);
    }
    default:
      return text;
  }
}

/** `{prefix: {addr, len}}` or `{range: [from, to]}`. */
function readRange(type: FieldType, json: JsonObject): string | undefined {
  const { prefix, range } = json;
  if (isObject(prefix)) {
    const address = readField(type, prefix['addr'] ?? null);
    return address === undefined ? undefined : `${address}/${String(prefix['len'])}`;
  }
  if (!Array.isArray(range) || range.length !== 2) return undefined;
  const ends = (range as readonly Json[]).map((end) => readField(type, end));
  return ends.every((end) => end !== undefined) ? ends.join('-') : undefined;
}

function isSetName(name: string): name is SetName {
  return (SET_NAMES as readonly string[]).includes(name);
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
