import type { JsonObject } from '#base/json.ts';
import { definitionFaults, definitionUpdateFaults } from '../custom/definition-validation.ts';
import { required, type KindRules } from '../kind-rules.ts';
import { AGE, column, NAME } from './_columns.ts';
import { listAt, objectAt, textAt, textsAt } from './_fields.ts';
import { fill } from './_pod-defaults.ts';
import { withClientPort } from './_webhook-client.ts';

/** Kinds that extend the API: definitions, certificates. */

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
    return { ...definition, metadata: kept, spec: { ...spec, names: fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` }), conversion: conversionWithDefaults(objectAt(spec, 'conversion')) } };
  },
  validate: definitionFaults,
  validateUpdate: definitionUpdateFaults,
  columns: [NAME, column('Created At', 'When it was made', ({ metadata }) => metadata.creationTimestamp)],
};

function conversionWithDefaults(conversion: JsonObject): JsonObject {
  const webhook = objectAt(conversion, 'webhook');
  return fill(Object.keys(webhook).length === 0 ? conversion : { ...conversion, webhook: withClientPort(webhook) }, { strategy: 'None' });
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
