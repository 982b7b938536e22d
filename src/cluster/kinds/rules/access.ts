import type { JsonObject } from '#base/json.ts';
import { duplicate, invalidValue, notSupported, required, type FieldFault, type KindRules } from '../kind-rules.ts';
import { asJson, asObject, type KubeObject } from '../object.ts';
import { AGE, column, NAME, wide } from './_columns.ts';
import { listAt, objectAt, textAt, textOf, textsAt } from './_fields.ts';
import { changeEach, fill } from './_pod-defaults.ts';
import { sameJson } from './_workload-validation.ts';

/** Roles, and who has them (kubernetes.io, "Using RBAC Authorization"). */

const RBAC = 'rbac.authorization.k8s.io';
const CREATED = column('Created At', 'When it was made', ({ metadata }) => metadata.creationTimestamp);
const KINDS = ['ServiceAccount', 'User', 'Group'];

const roleRules: KindRules = { validate: (role) => listAt(role, 'rules').flatMap((rule, index) => checkRule(rule, `rules[${index}]`, role.kind === 'Role')), columns: [NAME, CREATED] };
export const namespacedRoleRules = roleRules;
export const clusterRoleRules = roleRules;

const bindingRules: KindRules = {
  defaults: (binding) => asObject(changeEach({ ...asJson(binding), roleRef: fill(objectAt(binding, 'roleRef'), { apiGroup: RBAC }) }, 'subjects', (subject) => fill(subject, { ...(subject['kind'] === 'ServiceAccount' ? {} : { apiGroup: RBAC }) }))),
  validate: (binding) => {
    const kinds = binding.kind === 'RoleBinding' ? ['ClusterRole', 'Role'] : ['ClusterRole'];
    const [kind, name] = [textAt(binding, 'roleRef', 'kind'), textAt(binding, 'roleRef', 'name')];
    return [
      ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
      ...(name === '' ? [required('roleRef.name')] : []),
      ...listAt(binding, 'subjects').flatMap((subject, index) => checkSubject(subject, `subjects[${index}]`, binding.kind === 'ClusterRoleBinding')),
    ];
  },
  validateUpdate: (binding, old) => (sameJson(objectAt(binding, 'roleRef'), objectAt(old, 'roleRef')) ? [] : [invalidValue('roleRef', objectAt(binding, 'roleRef'), 'cannot change roleRef')]),
  columns: [
    NAME,
    column('Role', 'What it gives', (binding) => `${textAt(binding, 'roleRef', 'kind')}/${textAt(binding, 'roleRef', 'name')}`),
    AGE,
    ...[['Users', 'User'], ['Groups', 'Group']].map(([title, kind]) => wide(column(title as string, 'To whom', (binding) => named(binding, kind as string).join(', ')))),
    wide(column('ServiceAccounts', 'To whom', (binding) => listAt(binding, 'subjects').filter((each) => each['kind'] === 'ServiceAccount').map((each) => `${textAt(each, 'namespace')}/${textAt(each, 'name')}`).join(', '))),
  ],
};
export const roleBindingRules = bindingRules;
export const clusterRoleBindingRules = bindingRules;

const named = (binding: KubeObject, kind: string): readonly string[] => listAt(binding, 'subjects').filter((each) => each['kind'] === kind).map((each) => textAt(each, 'name'));

function checkRule(rule: JsonObject, path: string, isNamespaced: boolean): readonly FieldFault[] {
  const [verbs, paths] = [textsAt(rule, 'verbs'), textsAt(rule, 'nonResourceURLs')];
  if (verbs.length === 0) return [required(`${path}.verbs`, 'verbs must contain at least one value')];
  if (paths.length > 0 && isNamespaced) return [invalidValue(`${path}.nonResourceURLs`, paths, 'namespaced rules cannot apply to non-resource URLs')];
  if (paths.length > 0) return [];
  return [
    ...(textsAt(rule, 'apiGroups').length === 0 ? [required(`${path}.apiGroups`, 'resource rules must supply at least one api group')] : []),
    ...(textsAt(rule, 'resources').length === 0 ? [required(`${path}.resources`, 'resource rules must supply at least one resource')] : []),
  ];
}

function checkSubject(subject: JsonObject, path: string, isCluster: boolean): readonly FieldFault[] {
  const kind = textAt(subject, 'kind');
  return [
    ...(textAt(subject, 'name') === '' ? [required(`${path}.name`)] : []),
    ...(KINDS.includes(kind) ? [] : [notSupported(`${path}.kind`, kind, KINDS)]),
    ...(kind === 'ServiceAccount' && isCluster && textAt(subject, 'namespace') === '' ? [required(`${path}.namespace`)] : []),
  ];
}

export const serviceAccountRules: KindRules = {
  validate: (account) => {
    const seen = new Set<string>();
    return listAt(account, 'secrets').flatMap((reference, index) => {
      const name = textAt(reference, 'name');
      const fault = seen.has(name) ? [duplicate(`secrets[${index}].name`, name)] : [];
      seen.add(name);
      return fault;
    });
  },
  columns: [NAME, column('Secrets', 'How many it names', (account) => textOf(listAt(account, 'secrets').length)), AGE],
};
