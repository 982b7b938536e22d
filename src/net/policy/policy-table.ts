import { formatElement, keyOf as elementKey } from '../firewall/elements.ts';
import type { ChainLayout, SetLayout, TableElement } from '../firewall/table-layout.ts';
import { CountedNames } from './counted-names.ts';
import { CHAINS, FIXED_SETS, GROUP_SET, PORT_SET } from './layout.ts';
import type { Direction, Member, PolicyChanges, PolicyRules } from './model.ts';
import { rulesFor, type SetNames } from './rules.ts';

/** What brings the kernel's table from one state to the next, in one transaction. */
export interface TableChange {
  readonly newSets: readonly string[];
  readonly newChains: readonly string[];
  readonly remove: readonly TableElement[];
  /** Chains that lose all of their rules; then those get theirs that stay. */
  readonly emptied: readonly string[];
  readonly filled: readonly ChainLayout[];
  readonly add: readonly TableElement[];
  readonly goneChains: readonly string[];
  readonly goneSets: readonly string[];
}

const DIRECTIONS: readonly Direction[] = ['egress', 'ingress'];

export const isNothing = (change: TableChange): boolean => Object.values(change).every(({ length }) => length === 0);

/** What of a table's sets is in it, by their names. */
export function layoutOfSet(name: string): SetLayout {
  return FIXED_SETS[name] ?? (name.startsWith('g') ? GROUP_SET : PORT_SET);
}

/** The policies and members that the table of a host has, and under which names. */
export class PolicyTable {
  readonly #policies = new Map<string, PolicyRules>();
  readonly #members = new Map<string, Member>();
  readonly #groups = new CountedNames('g');
  readonly #ports = new CountedNames('n');
  /** The chain of one direction of a policy. */
  readonly #chains = new CountedNames('p');
  /** The chain of all policies together that isolate some members. */
  readonly #unions = new CountedNames('u');

  get isEmpty(): boolean {
    return this.#policies.size === 0;
  }

  put({ policies, members }: PolicyChanges): TableChange {
    const changed = [...members.keys()];
    const before = changed.flatMap((address) => this.#elementsOf(this.#members.get(address)));
    const { started, ended, fresh, stale } = this.#changePolicies(policies);
    const { freshUnions, staleUnions } = this.#changeMembers(members);
    const after = changed.flatMap((address) => this.#elementsOf(this.#members.get(address)));
    const others = started.length === 0 ? [] : [...this.#members.values()].filter(({ address }) => !members.has(address)).flatMap((member) => this.#elementsOf(member)).filter(({ set }) => started.includes(set));
    const { remove, add } = difference(before.filter(({ set }) => !ended.includes(set)), after);
    const filled = [...this.#policyChains(policies.keys()), ...this.#unionChains(({ name, keys }) => freshUnions.includes(name) || keys.some((key) => policies.has(key)))];
    const newChains = [...fresh, ...freshUnions];
    return {
      newSets: started, newChains, remove, emptied: [...filled.map(({ name }) => name).filter((name) => !newChains.includes(name)), ...staleUnions, ...stale],
      filled, add: [...add, ...others], goneChains: [...staleUnions, ...stale], goneSets: ended,
    };
  }

  /** All of it, for a kernel of which nothing is known. */
  whole(): { readonly sets: readonly string[]; readonly chains: readonly ChainLayout[]; readonly elements: readonly TableElement[] } {
    const sets = [...this.#groups.names(), ...this.#ports.names()];
    return { sets, chains: [...this.#policyChains(this.#policies.keys()), ...this.#unionChains(() => true), ...CHAINS], elements: [...this.#members.values()].flatMap((member) => this.#elementsOf(member)) };
  }

  #changePolicies(changes: PolicyChanges['policies']): { readonly started: string[]; readonly ended: string[]; readonly fresh: string[]; readonly stale: string[] } {
    const [started, ended, fresh, stale]: [string[], string[], string[], string[]] = [[], [], [], []];
    const previous = new Map([...changes.keys()].map((key) => [key, this.#policies.get(key)]));
    // What comes is taken before what goes is given back: what both use stays.
    for (const [key, rules] of changes) {
      if (rules === undefined) this.#policies.delete(key);
      else this.#policies.set(key, rules);
      for (const [names, text] of this.#usesOf(key, rules)) {
        if (names.take(text)) (names === this.#chains ? fresh : started).push(names.find(text) ?? '');
      }
    }
    for (const [key, rules] of previous) {
      for (const [names, text] of this.#usesOf(key, rules)) {
        const gone = names.release(text);
        if (gone !== undefined) (names === this.#chains ? stale : ended).push(gone);
      }
    }
    return { started, ended, fresh, stale };
  }

  #usesOf(key: string, rules: PolicyRules | undefined): readonly (readonly [CountedNames, string])[] {
    return DIRECTIONS.flatMap((direction) => {
      const all = rules?.[direction];
      if (all === undefined) return [];
      const groups = all.flatMap(({ peers = [] }) => peers.flatMap((peer) => ('group' in peer ? [peer.group] : [])));
      const ports = all.flatMap((rule) => (rule.ports ?? []).flatMap((match) => ('name' in match ? [portText(match)] : [])));
      return [[this.#chains, `${direction} ${key}`] as const, ...groups.map((text) => [this.#groups, text] as const), ...ports.map((text) => [this.#ports, text] as const)];
    });
  }

  #changeMembers(changes: PolicyChanges['members']): { readonly freshUnions: string[]; readonly staleUnions: string[] } {
    const [freshUnions, staleUnions]: [string[], string[]] = [[], []];
    const previous = [...changes.keys()].map((address) => this.#members.get(address));
    for (const [address, member] of changes) {
      if (member === undefined) this.#members.delete(address);
      else this.#members.set(address, member);
      for (const text of unionsOf(member)) if (this.#unions.take(text)) freshUnions.push(this.#unions.find(text) ?? '');
    }
    for (const member of previous) {
      for (const text of unionsOf(member)) {
        const gone = this.#unions.release(text);
        if (gone !== undefined) staleUnions.push(gone);
      }
    }
    return { freshUnions, staleUnions };
  }

  #policyChains(keys: Iterable<string>): ChainLayout[] {
    const names: SetNames = { group: (id) => this.#groups.find(id) ?? '', port: (match) => this.#ports.find(portText(match)) ?? '' };
    return [...keys].flatMap((key) => DIRECTIONS.flatMap((direction) => {
      const [name, all] = [this.#chains.find(`${direction} ${key}`), this.#policies.get(key)?.[direction]];
      return name === undefined || all === undefined ? [] : [{ name, rules: rulesFor(direction, all, names) }];
    }));
  }

  #unionChains(isAsked: (union: { readonly name: string; readonly keys: readonly string[] }) => boolean): ChainLayout[] {
    return [...this.#unions.texts()].flatMap((text) => {
      const [direction = '', ...keys] = text.split(' ');
      const name = this.#unions.find(text) ?? '';
      const jumps = keys.flatMap((key) => {
        const chain = this.#chains.find(`${direction} ${key}`);
        return chain === undefined ? [] : [`jump ${chain}`];
      });
      return isAsked({ name, keys }) ? [{ name, rules: [...jumps, 'drop'] }] : [];
    });
  }

  #elementsOf(member: Member | undefined): readonly TableElement[] {
    if (member === undefined) return [];
    const { address, address6, isolatedBy, groups, ports } = member;
    const isolated = DIRECTIONS.filter((direction) => isolatedBy[direction].length > 0);
    return [
      ...isolated.map((direction): TableElement => ({ set: direction, key: [address], data: [this.#unions.find(unionText(direction, isolatedBy[direction])) ?? ''] })),
      ...(address6 === undefined ? [] : isolated.map((direction): TableElement => ({ set: `${direction}6`, key: [address6] }))),
      ...(isolated.length === 0 ? [] : [{ set: 'self', key: [address, address] }]),
      ...[...new Set(groups)].flatMap((id): TableElement[] => {
        const set = this.#groups.find(id);
        return set === undefined ? [] : [{ set, key: [address] }];
      }),
      ...unique(ports.flatMap((port): TableElement[] => {
        const set = this.#ports.find(portText(port));
        return set === undefined ? [] : [{ set, key: [address, String(port.port)] }];
      })),
    ];
  }
}

const portText = ({ protocol, name }: { readonly protocol: string; readonly name: string }): string => `${protocol} ${name}`;
const unionText = (direction: Direction, keys: readonly string[]): string => [direction, ...keys.toSorted()].join(' ');

function unionsOf(member: Member | undefined): readonly string[] {
  return member === undefined ? [] : DIRECTIONS.filter((direction) => member.isolatedBy[direction].length > 0).map((direction) => unionText(direction, member.isolatedBy[direction]));
}

function unique(elements: readonly TableElement[]): readonly TableElement[] {
  return [...new Map(elements.map((element) => [elementKey(element), element])).values()];
}

/** A map's element whose data differs is removed and added: nftables has no update. */
function difference(before: readonly TableElement[], after: readonly TableElement[]): Pick<TableChange, 'remove' | 'add'> {
  const [old, next] = [before, after].map((elements) => new Set(elements.map(formatElement)));
  return { remove: before.filter((element) => next?.has(formatElement(element)) !== true), add: after.filter((element) => old?.has(formatElement(element)) !== true) };
}
