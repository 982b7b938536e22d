import { tryParseIp, type Ip } from '../ip.ts';
import { addressOfPointer, RCODE, TYPE, type Answer, type Query } from './message.ts';
import type { NameTable } from './name-table.ts';

/** What one sandbox knows. */
export interface NameView {
  /** Of the networks that it stands in, in their order. */
  readonly tables: readonly NameTable[];
  /** Names that it alone calls others by. */
  readonly links: ReadonlyMap<string, string>;
}

/** Containers come and go: who keeps an address for long talks to nobody. */
const TTL_SECONDS = 5;

/**
 * What the sandbox's networks know of a name. Undefined: nothing, so others may be asked. A name that has no address of the
 * wanted family is known, and nobody else is asked about it.
 * @param turn a number that grows: of several addresses, each comes first in its turn
 */
export function resolveLocally(query: Query, { tables, links }: NameView, turn: number): Answer | undefined {
  if (query.type === TYPE.ptr) return resolvePointer(query.name, tables);
  const found = findName(query.name, tables) ?? findLinked(query.name, tables, links);
  if (found === undefined) return undefined;
  const wanted = query.type === TYPE.a ? 4 : query.type === TYPE.aaaa ? 6 : undefined;
  const matching = query.type === TYPE.any ? found : found.filter(({ family }) => family === wanted);
  return { rcode: RCODE.ok, ttlSeconds: TTL_SECONDS, resources: rotate(matching, turn).map((ip) => ({ kind: 'address', ip })) };
}

function findName(name: string, tables: readonly NameTable[]): readonly Ip[] | undefined {
  // The first network that knows the name: addresses of another one may be out of reach for who answers.
  for (const table of tables) {
    const found = table.find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findLinked(name: string, tables: readonly NameTable[], links: ReadonlyMap<string, string>): readonly Ip[] | undefined {
  const target = links.get(name);
  return target === undefined ? undefined : findName(target.toLowerCase(), tables);
}

function resolvePointer(name: string, tables: readonly NameTable[]): Answer | undefined {
  const address = addressOfPointer(name);
  const ip = address === undefined ? undefined : tryParseIp(address);
  if (ip === undefined) return undefined;
  for (const table of tables) {
    const found = table.nameOf(ip);
    if (found !== undefined) return { rcode: RCODE.ok, ttlSeconds: TTL_SECONDS, resources: [{ kind: 'pointer', name: found }] };
  }
  return undefined;
}

function rotate<T>(items: readonly T[], turn: number): readonly T[] {
  const first = items.length === 0 ? 0 : turn % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
