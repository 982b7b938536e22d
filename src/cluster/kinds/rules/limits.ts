import type { JsonObject } from '#base/json.ts';
import { forbidden, type KindRules } from '../kind-rules.ts';
import { asJson, asObject, type KubeObject } from '../object.ts';
import { AGE, column, count, mapText, NAME, NONE } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt, textOf, valueAt } from './_fields.ts';
import { changeEach, fill } from './_pod-defaults.ts';
import { sameJson } from './_workload-validation.ts';

const CREATED = column('Created At', 'When it was made', ({ metadata }) => metadata.creationTimestamp);

/** A limit that is not said is the largest there is; what is asked for without saying, what is the limit or the least. */
export const limitRangeRules: KindRules = {
  defaults: (range) => ({
    ...range,
    spec: changeEach(objectAt(range, 'spec'), 'limits', (limit) => {
      if (limit['type'] !== 'Container') return limit;
      const normal = { ...objectAt(limit, 'max'), ...objectAt(limit, 'default') };
      const asked: JsonObject = { ...objectAt(limit, 'min'), ...normal, ...objectAt(limit, 'defaultRequest') };
      return { ...limit, ...(Object.keys(normal).length === 0 ? {} : { default: normal }), ...(Object.keys(asked).length === 0 ? {} : { defaultRequest: asked }) };
    }),
  }),
  columns: [NAME, CREATED],
};

export const resourceQuotaRules: KindRules = {
  columns: [
    NAME,
    column('Request', 'What is used, of what may be asked for', (quota) => usedText(quota, (name) => !name.startsWith('limits.'))),
    column('Limit', 'What is used, of what limits may be', (quota) => usedText(quota, (name) => name.startsWith('limits.'))),
    AGE,
  ],
};

function usedText(quota: KubeObject, isMeant: (name: string) => boolean): string {
  const used = objectAt(quota, 'status', 'used');
  return Object.entries(objectAt(quota, 'status', 'hard')).filter(([name]) => isMeant(name)).sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, hard]) => `${name}: ${textOf(used[name] ?? '0')}/${textOf(hard)}`).join(', ');
}

const MOST_PRIORITY = 1_000_000_000;
const SYSTEM_CLASSES: ReadonlyMap<string, number> = new Map([['system-cluster-critical', 2_000_000_000], ['system-node-critical', 2_000_001_000]]);

export const priorityClassRules: KindRules = {
  defaults: (kind) => asObject(fill(asJson(kind), { preemptionPolicy: 'PreemptLowerPriority' })),
  validate: (kind) => {
    const isSystem = SYSTEM_CLASSES.get(kind.metadata.name) === valueAt(kind, 'value');
    if (isSystem) return [];
    return [
      ...(kind.metadata.name.startsWith('system-') ? [forbidden('metadata.name', "priority class names with 'system-' prefix are reserved for system use only")] : []),
      ...(numberAt(kind, 'value') > MOST_PRIORITY ? [forbidden('value', `maximum allowed value of a user defined priority is ${MOST_PRIORITY}`)] : []),
    ];
  },
  validateUpdate: (kind, old) => ['value', 'preemptionPolicy'].filter((name) => !sameJson(valueAt(kind, name) ?? null, valueAt(old, name) ?? null)).map((name) => forbidden(name, 'may not be changed in an update.')),
  columns: [
    NAME,
    count('Value', 'The higher, the sooner', (kind) => numberAt(kind, 'value')),
    column('Global-Default', 'Whether pods have it that say nothing', (kind) => textOf(valueAt(kind, 'globalDefault') === true)),
    AGE,
    column('PreemptionPolicy', 'Whether others make place for it', (kind) => textAt(kind, 'preemptionPolicy')),
  ],
};

export const leaseRules: KindRules = { columns: [NAME, column('Holder', 'Who has it', (lease) => textAt(lease, 'spec', 'holderIdentity')), AGE] };

export const controllerRevisionRules: KindRules = {
  columns: [
    NAME,
    column('Controller', 'Whose it is', ownerText),
    count('Revision', 'Its number', (revision) => numberAt(revision, 'revision')),
    AGE,
  ],
};

function ownerText(object: KubeObject): string {
  const owner = listAt(object, 'metadata', 'ownerReferences').find((each) => each['controller'] === true);
  if (owner === undefined) return NONE;
  const [group, version] = textAt(owner, 'apiVersion').split('/');
  return `${textAt(owner, 'kind').toLowerCase()}${version === undefined ? '' : `.${group}`}/${textAt(owner, 'name')}`;
}

export const podTemplateRules: KindRules = {
  columns: [
    NAME,
    column('Containers', 'Names of its containers', (template) => listAt(template, 'template', 'spec', 'containers').map((each) => textAt(each, 'name')).join(',')),
    column('Images', 'What they run', (template) => listAt(template, 'template', 'spec', 'containers').map((each) => textAt(each, 'image')).join(',')),
    column('Pod Labels', 'What its pods are marked with', (template) => mapText(objectAt(template, 'template', 'metadata', 'labels'))),
  ],
};
