import { isKind } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ObjectWriter } from '../object-writer.ts';
import type { ResourceRegistry } from '../resource-registry.ts';
import { same } from '../same.ts';
import { defaultBindings, defaultRoles, type DefaultRole } from './default-roles.ts';
import { rulesOfRole, type PolicyRule } from './policy-rule.ts';
import { missingRights } from './rule-coverage.ts';

const GROUP = 'rbac.authorization.k8s.io';
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' } as const;
const OPTIONS = { dryRun: false, user: 'system:apiserver' };

/**
 * Sees to it that the default roles and bindings are there, and that they have what they had at least: what is missing is
 * put back, what was added stays, and what says `autoupdate: "false"` is left alone.
 */
export async function bootstrapRoles(objects: ObjectStore, writer: ObjectWriter, registry: ResourceRegistry): Promise<void> {
  const ensure = async (plural: string, wanted: JsonObject): Promise<void> => {
    const of = registry.find(GROUP, 'v1', plural) as ResourceDefinition;
    const { name, namespace } = wanted['metadata'] as { readonly name: string; readonly namespace?: string };
    const present = await objects.find(of, namespace, name);
    if (present === undefined) return void await writer.create(of, namespace, asObject(wanted), OPTIONS).catch(ignoreConflict);
    const mended = reconciled(present, wanted);
    if (!same(mended, present)) await writer.update(of, namespace, name, undefined, (current) => reconciled(current, wanted), OPTIONS);
  };
  await Promise.all([
    ...defaultRoles.map((role) => ensure(role.namespace === undefined ? 'clusterroles' : 'roles', roleObject(role))),
    ...defaultBindings.map(({ role, subjects }) => ensure('clusterrolebindings', bindingObject(role, subjects))),
  ]);
}

/** A default that is there, with what it lacks. */
export function reconciled(present: KubeObject, wanted: JsonObject): KubeObject {
  if (present.metadata.annotations?.[AUTO_UPDATE] === 'false') return present;
  const lacking = missingRights(rulesOfRole(present), rulesOfRole(asObject(wanted)));
  const own = (present['rules'] ?? []) as readonly Json[];
  const subjects = (present['subjects'] ?? []) as readonly JsonObject[];
  const further = ((wanted['subjects'] ?? []) as readonly JsonObject[]).filter((subject) => !subjects.some((each) => each['kind'] === subject['kind'] && each['name'] === subject['name'] && each['namespace'] === subject['namespace']));
  return {
    ...present,
    ...(lacking.length === 0 || wanted['aggregationRule'] !== undefined ? {} : { rules: [...own, ...lacking.map(ruleJson)] }),
    ...(wanted['aggregationRule'] === undefined ? {} : { aggregationRule: present['aggregationRule'] ?? wanted['aggregationRule'] }),
    ...(further.length === 0 ? {} : { subjects: [...subjects, ...further] }),
  };
}

function roleObject({ name, namespace, rules, aggregates, partOf }: DefaultRole): JsonObject {
  const label = (of: string): string => `rbac.authorization.k8s.io/aggregate-to-${of}`;
  return {
    apiVersion: `${GROUP}/v1`, kind: namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: { ...LABELS, ...(partOf === undefined ? {} : { [label(partOf)]: 'true' }) }, annotations: { [AUTO_UPDATE]: 'true' } },
    ...(aggregates === undefined ? { rules: rules.map(ruleJson) } : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label(aggregates)]: 'true' } }] } }),
  };
}

function bindingObject(role: string, subjects: readonly string[]): JsonObject {
  return {
    apiVersion: `${GROUP}/v1`, kind: 'ClusterRoleBinding', metadata: { name: role, labels: LABELS, annotations: { [AUTO_UPDATE]: 'true' } }, roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(subjectJson) }),
  };
}

function subjectJson(text: string): JsonObject {
  const [kind = '', name = ''] = text.split(' ');
  if (kind !== 'ServiceAccount') return { apiGroup: GROUP, kind, name };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, namespace, name: account };
}

export function ruleJson(rule: PolicyRule): JsonObject {
  return Object.fromEntries(Object.entries(rule).filter(([name, list]) => name === 'verbs' || (list as readonly string[]).length > 0).map(([name, list]) => [name, [...list as readonly string[]]]));
}

function ignoreConflict(thrown: unknown): void {
  if (!isKind(thrown, 'conflict')) throw thrown;
}

/** The rules of a role that is put together of those which its selectors find (kubernetes.io, "Aggregated ClusterRoles"). */
export function aggregatedRules(roles: readonly KubeObject[]): readonly JsonObject[] {
  const rules: Json[] = [];
  for (const role of roles.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    for (const rule of (asJson(role)['rules'] ?? []) as readonly Json[]) if (!rules.some((each) => same(each, rule))) rules.push(rule);
  }
  return rules as readonly JsonObject[];
}
