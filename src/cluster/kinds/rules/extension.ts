import type { JsonObject } from '#base/json.ts';
import { invalidValue, required, type KindRules } from '../kind-rules.ts';
import { asJson, asObject } from '../object.ts';
import { AGE, column, count, NAME } from './_columns.ts';
import { listAt, objectAt, textAt, textsAt } from './_fields.ts';
import { changeEach, fill } from './_pod-defaults.ts';

/** Kinds that extend the API: definitions, aggregated servers, webhooks. */

export const customResourceDefinitionRules: KindRules = {
  defaults: (definition) => {
    const spec = objectAt(definition, 'spec');
    const names = objectAt(spec, 'names');
    const kind = textAt(names, 'kind');
    return { ...definition, spec: fill({ ...spec, names: fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` }) }, { conversion: { strategy: 'None' } }) };
  },
  validate: (definition) => {
    const [plural, group] = [textAt(definition, 'spec', 'names', 'plural'), textAt(definition, 'spec', 'group')];
    const versions = listAt(definition, 'spec', 'versions');
    return [
      ...(group === '' ? [required('spec.group')] : []),
      ...(plural === '' ? [required('spec.names.plural')] : []),
      ...(textAt(definition, 'spec', 'names', 'kind') === '' ? [required('spec.names.kind')] : []),
      ...(definition.metadata.name === `${plural}.${group}` ? [] : [invalidValue('metadata.name', definition.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
      ...(versions.filter((version) => version['storage'] === true).length === 1 ? [] : [invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version')]),
      ...(['Cluster', 'Namespaced'].includes(textAt(definition, 'spec', 'scope')) ? [] : [required('spec.scope')]),
      ...versions.flatMap((version, index) => (Object.keys(objectAt(version, 'schema', 'openAPIV3Schema')).length === 0 ? [required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')] : [])),
    ];
  },
  columns: [NAME, column('Created At', 'When it was made', ({ metadata }) => metadata.creationTimestamp)],
};

export const apiServiceRules: KindRules = {
  columns: [
    NAME,
    column('Service', 'Who serves it', (service) => (textAt(service, 'spec', 'service', 'name') === '' ? 'Local' : `${textAt(service, 'spec', 'service', 'namespace')}/${textAt(service, 'spec', 'service', 'name')}`)),
    column('Available', 'Whether it is reached', (service) => {
      const condition = listAt(service, 'status', 'conditions').find((each) => each['type'] === 'Available');
      return condition === undefined ? 'Unknown' : condition['status'] === 'True' ? 'True' : `${textAt(condition, 'status')} (${textAt(condition, 'reason')})`;
    }),
    AGE,
  ],
};

const webhookRules: KindRules = {
  defaults: (configuration) => asObject(changeEach(asJson(configuration), 'webhooks', (hook) => changeEach(withClientPort(fill(hook, {
    failurePolicy: 'Fail', matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, ...(configuration.kind.startsWith('Mutating') ? { reinvocationPolicy: 'Never' } : {}),
  })), 'rules', (rule) => fill(rule, { scope: '*' })))),
  validate: (configuration) => listAt(configuration, 'webhooks').flatMap((hook, index) => [
    ...(textAt(hook, 'name') === '' ? [required(`webhooks[${index}].name`)] : textAt(hook, 'name').split('.').length < 3 ? [invalidValue(`webhooks[${index}].name`, textAt(hook, 'name'), 'should be a domain with at least three segments separated by dots')] : []),
    ...(textsAt(hook, 'admissionReviewVersions').length === 0 ? [required(`webhooks[${index}].admissionReviewVersions`, 'must specify one of v1, v1beta1')] : []),
    ...(textAt(hook, 'sideEffects') === '' ? [required(`webhooks[${index}].sideEffects`, 'must specify one of None, NoneOnDryRun')] : []),
  ]),
  columns: [NAME, count('Webhooks', 'How many are asked', (configuration) => listAt(configuration, 'webhooks').length), AGE],
};
export const mutatingWebhookRules = webhookRules;
export const validatingWebhookRules = webhookRules;

function withClientPort(hook: JsonObject): JsonObject {
  const service = objectAt(hook, 'clientConfig', 'service');
  return Object.keys(service).length === 0 ? hook : { ...hook, clientConfig: { ...objectAt(hook, 'clientConfig'), service: fill(service, { port: 443 }) } };
}

export const certificateSigningRequestRules: KindRules = {
  defaults: (request) => ({ ...request, spec: fill(objectAt(request, 'spec'), { usages: ['digital signature', 'key encipherment'] }) }),
  validate: (request) => [...['request', 'signerName'].filter((name) => textAt(request, 'spec', name) === '').map((name) => required(`spec.${name}`))],
  columns: [
    NAME, AGE,
    column('SignerName', 'Who is to sign', (request) => textAt(request, 'spec', 'signerName')),
    column('Requestor', 'Who asks', (request) => textAt(request, 'spec', 'username')),
    column('RequestedDuration', 'For how long', (request) => (textAt(request, 'spec', 'expirationSeconds') === '' ? '<none>' : `${textAt(request, 'spec', 'expirationSeconds')}s`)),
    column('Condition', 'What became of it', (request) => {
      const types = listAt(request, 'status', 'conditions').map((each) => textAt(each, 'type'));
      const decided = ['Denied', 'Approved', 'Failed'].filter((type) => types.includes(type));
      return [...(decided.length === 0 ? ['Pending'] : decided), ...(textAt(request, 'status', 'certificate') === '' ? [] : ['Issued'])].join(',');
    }),
  ],
};
