import type { JsonObject } from '#base/json.ts';
import { definitionFaults, definitionUpdateFaults } from '../custom/definition-validation.ts';
import { invalidValue, required, type KindRules } from '../kind-rules.ts';
import { asJson, asObject } from '../object.ts';
import { AGE, column, count, NAME } from './_columns.ts';
import { listAt, objectAt, textAt, textsAt } from './_fields.ts';
import { changeEach, fill } from './_pod-defaults.ts';

/** Kinds that extend the API: definitions, aggregated servers, webhooks. */

/** Goes when all objects of the kind are gone (upstream's `CustomResourceCleanupFinalizer`). */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

export const customResourceDefinitionRules: KindRules = {
  defaults: (definition) => {
    const spec = objectAt(definition, 'spec');
    const names = objectAt(spec, 'names');
    const kind = textAt(names, 'kind');
    const { metadata } = definition;
    const finalizers = textsAt(definition, 'metadata', 'finalizers');
    // Nobody deletes a definition before its objects are gone.
    const kept = metadata.deletionTimestamp !== undefined || finalizers.includes(CLEANUP) ? metadata : { ...metadata, finalizers: [...finalizers, CLEANUP] };
    return { ...definition, metadata: kept, spec: fill({ ...spec, names: fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` }) }, { conversion: { strategy: 'None' } }) };
  },
  validate: definitionFaults,
  validateUpdate: definitionUpdateFaults,
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
