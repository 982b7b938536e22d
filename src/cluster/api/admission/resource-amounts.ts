import { isKind } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, type Quantity } from '#cluster/kinds/quantity.ts';
import { isObject, objectOf, objectsOf } from './pod-spec.ts';

/** Amounts by the name of their resource: `cpu`, `requests.memory`, `count/pods`. */
export type Amounts = ReadonlyMap<string, Quantity>;

const ZERO: Quantity = { nano: 0n, format: 'decimal' };

/** What a map of a manifest says; what is no quantity is left out, as its own validation refuses it. */
export function amountsIn(value: Json | undefined): Amounts {
  const amounts = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(objectOf(value))) {
    const quantity = quantityOf(text);
    if (quantity !== undefined) amounts.set(name, quantity);
  }
  return amounts;
}

function quantityOf(text: Json | undefined): Quantity | undefined {
  if (typeof text !== 'string' && typeof text !== 'number') return undefined;
  try {
    return parseQuantity(String(text));
  } catch (thrown) {
    if (isKind(thrown, 'invalid')) return undefined;
    throw thrown;
  }
}

export function count(number: number): Quantity {
  return parseQuantity(String(number));
}

export function plus(left: Amounts, right: Amounts): Amounts {
  const sum = new Map(left);
  for (const [name, quantity] of right) sum.set(name, addQuantities(sum.get(name) ?? ZERO, quantity));
  return sum;
}

export function minus(left: Amounts, right: Amounts): Amounts {
  return plus(left, new Map([...right].map(([name, { nano, format }]) => [name, { nano: -nano, format }])));
}

function larger(left: Amounts, right: Amounts): Amounts {
  const most = new Map(left);
  for (const [name, quantity] of right) if (compareQuantities(quantity, most.get(name) ?? ZERO) > 0) most.set(name, quantity);
  return most;
}

export const amountsJson = (amounts: Amounts): JsonObject => Object.fromEntries([...amounts].map(([name, quantity]) => [name, formatQuantity(quantity)]));
/** `cpu=2,memory=1Gi`, sorted. */
export const amountsText = (amounts: Amounts): string => [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, quantity]) => `${name}=${formatQuantity(quantity)}`).join(',');

/**
 * What a pod needs at most at a time: its containers and sidecars together, or an init container with the sidecars that
 * were started before it (kubernetes.io, "Sidecar Containers", Resource sharing within containers), and its overhead.
 */
export function podAmounts(spec: JsonObject, of: 'requests' | 'limits'): Amounts {
  const amountsOf = (container: JsonObject): Amounts => amountsIn(objectOf(container['resources'])[of]);
  let sidecars: Amounts = new Map();
  let first: Amounts = new Map();
  for (const container of objectsOf(spec['initContainers'])) {
    if (container['restartPolicy'] === 'Always') sidecars = plus(sidecars, amountsOf(container));
    first = larger(first, container['restartPolicy'] === 'Always' ? sidecars : plus(sidecars, amountsOf(container)));
  }
  const together = objectsOf(spec['containers']).map(amountsOf).reduce(plus, sidecars);
  const own = isObject(spec['resources']) ? amountsIn(objectOf(spec['resources'])[of]) : new Map<string, Quantity>();
  // What the pod says as a whole goes before what its containers say.
  const all = new Map([...larger(together, first), ...own]);
  const overhead = amountsIn(spec['overhead']);
  return of === 'requests' ? plus(all, overhead) : plus(all, new Map([...overhead].filter(([name]) => all.has(name))));
}
