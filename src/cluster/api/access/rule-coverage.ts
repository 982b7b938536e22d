import { coversPath, type PolicyRule } from './policy-rule.ts';

/** One verb on one thing: what a rule consists of. */
type Right =
  | { readonly kind: 'resource'; readonly verb: string; readonly group: string; readonly resource: string; readonly name: string | undefined }
  | { readonly kind: 'path'; readonly verb: string; readonly path: string };

/** What of `wanted` none of the `owned` rules gives, each right by itself (upstream's `Covers`). */
export function missingRights(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return compact(wanted.flatMap(rightsOf).filter((right) => !owned.some((rule) => gives(rule, right))));
}

function rightsOf({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): readonly Right[] {
  const names = resourceNames.length === 0 ? [undefined] : resourceNames;
  return verbs.flatMap((verb): Right[] => [
    ...apiGroups.flatMap((group) => resources.flatMap((resource) => names.map((name): Right => ({ kind: 'resource', verb, group, resource, name })))),
    ...nonResourceURLs.map((path): Right => ({ kind: 'path', verb, path })),
  ]);
}

/** Wildcards are covered by wildcards only: what a star will mean tomorrow, nobody holds today. */
function gives(rule: PolicyRule, right: Right): boolean {
  const has = (list: readonly string[] | undefined, value: string): boolean => list?.includes('*') === true || list?.includes(value) === true;
  if (!has(rule.verbs, right.verb)) return false;
  if (right.kind === 'path') return (rule.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, right.path));
  const [, subresource] = right.resource.split('/');
  const names = rule.resourceNames ?? [];
  return has(rule.apiGroups, right.group) && (has(rule.resources, right.resource) || (subresource !== undefined && rule.resources?.includes(`*/${subresource}`) === true))
    && (names.length === 0 || (right.name !== undefined && names.includes(right.name)));
}

/** Rights to one thing as one rule. */
function compact(rights: readonly Right[]): readonly PolicyRule[] {
  const byThing = Map.groupBy(rights, (right) => right.kind === 'path' ? `path ${right.path}` : `${right.group}/${right.resource} ${right.name ?? ''}`);
  return [...byThing.values()].map((list): PolicyRule => {
    const [first] = list as [Right];
    const verbs = [...new Set(list.map(({ verb }) => verb))];
    if (first.kind === 'path') return { verbs, nonResourceURLs: [first.path] };
    return { verbs, apiGroups: [first.group], resources: [first.resource], ...(first.name === undefined ? {} : { resourceNames: [first.name] }) };
  });
}

/** A rule as upstream prints it: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export function ruleText({ apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [], verbs }: PolicyRule): string {
  const parts = ([['APIGroups', apiGroups], ['Resources', resources], ['NonResourceURLs', nonResourceURLs], ['ResourceNames', resourceNames], ['Verbs', verbs]] as const).filter(([, list]) => list.length > 0);
  return `{${parts.map(([name, list]) => `${name}:${listText(list)}`).join(', ')}}`;
}

/** As Go prints a list of texts: `["a" "b"]`. */
export function listText(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(' ')}]`;
}
