import type { AdmissionPlugin, Mutator } from '#cluster/api/admission.ts';
import { mutatingWebhooks } from '#cluster/api/admission/webhooks/mutating-webhooks.ts';
import { SERVICE_BACKEND_RESOURCES } from '#cluster/api/service-backend.ts';
import { validatingWebhooks } from '#cluster/api/admission/webhooks/validating-webhooks.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import type { Access } from './open-access.ts';

const READS = ['admissionregistration.k8s.io/mutatingwebhookconfigurations', 'admissionregistration.k8s.io/validatingwebhookconfigurations', ...SERVICE_BACKEND_RESOURCES];

/** Webhooks that are asked of what is written. */
export interface WebhooksPart extends ClusterPart {
  readonly mutator: Mutator;
  readonly plugin: AdmissionPlugin;
}

export function webhooksPart({ view, registry, schemas, random, runtime, webhooks: caller, converter, log }: ClusterCore, { decide }: Access): WebhooksPart {
  for (const name of READS) runtime.cache(name);
  const parts = { view, registry, schemas, caller, converter, authorizer: decide, random, log: (line: string) => log(`cluster: ${line}`) };
  return { name: 'webhooks', mutator: mutatingWebhooks(parts), plugin: validatingWebhooks(parts), open: () => {}, close: () => caller.close() };
}
