import type { KindRules } from './kind-rules.ts';
import type { ResourceDefinition } from './resource-definition.ts';
import { namespaceRules } from './rules/namespace.ts';

const NONE: KindRules = {};

/** By `group/plural`, the core group's name being empty. */
const RULES: ReadonlyMap<string, KindRules> = new Map([
  ['/namespaces', namespaceRules],
]);

export function rulesOf({ group, plural }: Pick<ResourceDefinition, 'group' | 'plural'>): KindRules {
  return RULES.get(`${group}/${plural}`) ?? NONE;
}
