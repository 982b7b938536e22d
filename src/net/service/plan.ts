import type { TableElement } from '../firewall/table-layout.ts';
import { chooserName, SILENT, type Scope } from './layout.ts';
import { isSameBackend, type Backend, type Frontend } from './model.ts';

/**
 * Those who stay keep their slots, newcomers fill the gaps, and the last ones move into gaps that are left: a change costs
 * what changed, not what is there.
 */
export function arrange(before: readonly Backend[], wanted: readonly Backend[]): readonly Backend[] {
  const textOf = ({ address, port }: Backend): string => `${address} ${port}`;
  const missing = new Map(wanted.map((backend) => [textOf(backend), backend]));
  const slots: (Backend | undefined)[] = before.map((backend) => {
    const text = textOf(backend);
    const stays = missing.get(text);
    missing.delete(text);
    return stays;
  });
  const newcomers = [...missing.values()];
  for (const [slot, backend] of slots.entries()) if (backend === undefined) slots[slot] = newcomers.shift();
  slots.push(...newcomers);
  for (let slot = 0; slot < slots.length; slot += 1) {
    while (slots.length > slot && slots.at(-1) === undefined) slots.pop();
    if (slot < slots.length && slots[slot] === undefined) slots[slot] = slots.pop();
  }
  return slots.filter((backend) => backend !== undefined);
}

/** The chain that chooses for a frontend; none where there is nothing to choose. */
export function chooserOf({ address, backends, affinitySeconds, sources }: Frontend): string | undefined {
  return backends.length === 0 ? undefined : chooserName(scopeOf(address), backends.length, affinitySeconds, sources !== undefined);
}

/** All that a frontend has in the table, its backends in the slots in which they stand. */
export function elementsOf(frontend: Frontend): readonly TableElement[] {
  const { protocol, address, port, backends, affinitySeconds, sources = [] } = frontend;
  const scope = scopeOf(address);
  const key = [...(address === undefined ? [] : [address]), protocol, String(port)];
  const front = (chain: string): TableElement => ({ set: `frontend_${scope}`, key, data: [chain] });
  const chain = chooserOf(frontend);
  if (chain === undefined) return frontend.isSilent === true ? [front(SILENT)] : [];
  const guarded = [front(chain), ...sources.map((source): TableElement => ({ set: `source_${scope}`, key: [...key, source] }))];
  const places = backends.map((backend) => [backend.address, String(backend.port)]);
  if (affinitySeconds === undefined) {
    return [...guarded, ...places.map((data, slot): TableElement => ({ set: `backend_${scope}`, key: [...key, classOf(slot + 1)], data }))];
  }
  const classes = classesOf(backends);
  return [
    ...guarded, ...classes.map((number, slot): TableElement => ({ set: `turn_${scope}`, key: [...key, classOf(slot + 1)], data: [number] })),
    ...places.map((data, slot): TableElement => ({ set: `kept_${scope}`, key: [...key, classes[slot] ?? ''], data })),
  ];
}

const scopeOf = (address: string | undefined): Scope => (address === undefined ? 'any' : 'at');

/** A number for each backend that says the same of it whoever stands beside it, so that clients find theirs again; never 0:0, which is no class. */
function classesOf(backends: readonly Backend[]): readonly string[] {
  const taken = new Set<number>();
  return backends.map(({ address, port }) => {
    let number = hashOf(`${address} ${port}`);
    while (number === 0 || taken.has(number)) number = (number + 1) >>> 0;
    taken.add(number);
    return classOf(number);
  });
}

const classOf = (number: number): string => `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;

/** FNV-1a of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** Backends of the one that the other doesn't have. */
export function withdrawn(before: readonly Backend[], after: readonly Backend[]): readonly Backend[] {
  return before.filter((backend) => !after.some((other) => isSameBackend(other, backend)));
}
