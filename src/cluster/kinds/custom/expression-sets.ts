import { Environment } from '@marcbachmann/cel-js';
import { withNamespace } from './expression-namespace.ts';

const TYPE = 'kubernetes.Sets';
/** `==` of the language, by which numbers of different types may be the same. */
const equality = new Environment().registerVariable('a', 'dyn').registerVariable('b', 'dyn').parse('a == b');

const isIn = (list: readonly unknown[], a: unknown): boolean => list.some((b) => equality({ a, b }) === true);
const contains = (list: readonly unknown[], part: readonly unknown[]): boolean => part.every((each) => isIn(list, each));

/** Lists as sets (cel-go, ext/sets). */
export function withSets(environment: Environment): Environment {
  return withNamespace(environment, 'sets', TYPE)
    .registerFunction(`${TYPE}.contains(list<dyn>, list<dyn>): bool`, (_sets: unknown, list: readonly unknown[], part: readonly unknown[]) => contains(list, part))
    .registerFunction(`${TYPE}.intersects(list<dyn>, list<dyn>): bool`, (_sets: unknown, list: readonly unknown[], other: readonly unknown[]) => list.some((each) => isIn(other, each)))
    .registerFunction(`${TYPE}.equivalent(list<dyn>, list<dyn>): bool`, (_sets: unknown, list: readonly unknown[], other: readonly unknown[]) => contains(list, other) && contains(other, list));
}
