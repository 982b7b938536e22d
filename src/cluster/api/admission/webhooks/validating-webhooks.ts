import type { KubeObject } from '#cluster/kinds/object.ts';
import type { AdmissionPlugin, AdmissionSubject } from '../../admission.ts';
import { WebhookAsking, type WebhookParts } from './webhook-asking.ts';
import { Hooks } from './webhook-hooks.ts';

const CONFIGURATIONS = 'admissionregistration.k8s.io/validatingwebhookconfigurations';

/** Asks the webhooks that may refuse what is written, all at once (kubernetes.io, "Dynamic Admission Control"). */
export function validatingWebhooks(parts: WebhookParts): AdmissionPlugin {
  const [hooks, asking] = [new Hooks(parts.view, CONFIGURATIONS), new WebhookAsking(parts)];
  const ask = async (object: KubeObject, subject: AdmissionSubject): Promise<void> => {
    const wanting = hooks.all().flatMap((hook) => {
      const version = asking.wants(hook, object, subject);
      return version === undefined ? [] : [{ hook, version }];
    });
    const answers = await Promise.allSettled(wanting.map(async ({ hook, version }) => await asking.ask(hook, version, await asking.seen(object, subject.of, version), subject, false)));
    const refused = answers.find((answer) => answer.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
  };
  return { name: 'ValidatingAdmissionWebhook', validate: ask, connect: ask };
}
