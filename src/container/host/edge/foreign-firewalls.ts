import type { Json } from '#base/json.ts';
import { parseTable } from '#net/firewall/observe.ts';
import type { NftSession } from './linux/nftables.ts';

/** Tables of engines like this one: `gantry`, or with a tag of the root. */
const ENGINE_TABLE = /^table inet (gantry(?:_[0-9a-f]{8})?)$/;
const SUBNETS = ['own4', 'own6'] as const;

/**
 * Subnets of the networks of other engines on this host, as their tables have them. A table outlives its engine, and without the
 * bridge it drops whatever names its subnets: no route and no address tells of that.
 */
export function subnetsOfOthers(nftables: NftSession, ownTable: string): readonly string[] {
  const tables = nftables.run('list tables inet').split('\n').flatMap((line) => ENGINE_TABLE.exec(line)?.[1] ?? []);
  return tables.filter((table) => table !== ownTable).flatMap((table) => SUBNETS.flatMap((set) => {
    try {
      return parseTable({ nftables: nftables.list(`set inet ${table} ${set}`) } as Json).elements.flatMap(({ key: [subnet] }) => subnet ?? []);
    } catch {
      // It went meanwhile, or is of a version without that set.
      return [];
    }
  }));
}
