import { messageOf } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Random } from '#base/random.ts';
import type { AuthorizerPort } from '#cluster/kinds/custom/expression-authorizer.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionSubject } from '../../admission.ts';
import { newUid } from '../../names.ts';
import type { ObjectView } from '../../object-view.ts';
import type { ResourceRegistry } from '../../resource-registry.ts';
import { StatusError } from '../../status.ts';
import type { VersionConverter } from '../../version-converter.ts';
import { textOf } from '../pod-spec.ts';
import { matchesResources, writtenOf, type Written } from '../policy-match.ts';
import { ExpressionCache, largestIn, PolicyRun, variablesOf } from '../policy-run.ts';
import { readReview, renderReview, type Answer } from './admission-review.ts';
import { targetOf } from './service-target.ts';
import type { Hook } from './webhook-hooks.ts';
import type { WebhookCaller } from './webhook-port.ts';

export interface WebhookParts {
  readonly view: ObjectView;
  readonly registry: ResourceRegistry;
  readonly caller: WebhookCaller;
  readonly converter: VersionConverter;
  readonly authorizer: AuthorizerPort;
  readonly random: Random;
  readonly log: (line: string) => void;
}

/** Upstream's bound of a status in an annotation or a message is the answer's; ours is what a person reads. */
const LONGEST_MESSAGE = 16 * 1024;

/** Asks one webhook at a time, of what it wants to be asked. */
export class WebhookAsking {
  readonly #parts: WebhookParts;
  readonly #expressions = new ExpressionCache();
  #turn = 0;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  /** @returns the version of the kind that it wants to see; undefined: it is not asked @throws StatusError where its conditions can't be told */
  wants(hook: Hook, object: KubeObject, subject: AdmissionSubject): string | undefined {
    // As with policies: one that refuses all could never be taken away.
    if (subject.of.group === 'admissionregistration.k8s.io' || (hook.match['resourceRules'] as readonly Json[]).length === 0) return undefined;
    const written = writtenOf(this.#parts.view, object, subject);
    const version = this.#version(hook, written);
    return version !== undefined && this.#fulfils(hook, written, subject) ? version : undefined;
  }

  #version({ match, isEquivalent }: Hook, written: Written): string | undefined {
    if (matchesResources(match, written)) return written.of.version;
    if (!isEquivalent) return undefined;
    // Versions that can be made of each other: those of custom kinds.
    const { of } = written;
    if (of.custom === undefined) return undefined;
    const others = this.#parts.registry.list().filter(({ group, plural, version }) => group === of.group && plural === of.plural && version !== of.version);
    return others.find((other) => matchesResources(match, { ...written, of: other }))?.version;
  }

  #fulfils({ name, conditions, isIgnored }: Hook, written: Written, { options }: AdmissionSubject): boolean {
    if (conditions.length === 0) return true;
    const run = new PolicyRun({}, variablesOf(written, undefined, options, this.#parts.authorizer), largestIn(asJson(written.object)), this.#expressions);
    let fault: string | undefined;
    for (const condition of conditions) {
      try {
        if (run.ask(textOf(condition['expression'])) !== true) return false;
      } catch (thrown) {
        fault ??= `${textOf(condition['name'])}: ${messageOf(thrown).split('\n', 1)[0]}`;
      }
    }
    if (fault === undefined) return true;
    if (isIgnored) return false;
    const { name: object } = written.object.metadata;
    throw new StatusError('forbidden', `${written.of.plural} ${JSON.stringify(object)} is forbidden: failed to evaluate the match conditions of webhook ${JSON.stringify(name)}: ${fault}`, { name: object, group: written.of.group, resource: written.of.plural });
  }

  /** An object in the version that a webhook wants to see, or back in that in which it is written. */
  async seen(object: KubeObject, of: ResourceDefinition, version: string): Promise<KubeObject> {
    const conversion = of.custom?.conversion;
    const [seen = object] = conversion === undefined ? [] : await this.#parts.converter.convert(of, conversion, [object], version);
    return seen;
  }

  /** @param object in the version that it wants to see @returns undefined where it could not be asked, and that is to be let pass @throws StatusError where it denies, or can't be asked */
  async ask(hook: Hook, version: string, object: KubeObject, subject: AdmissionSubject, mayPatch: boolean): Promise<Answer | undefined> {
    const { options } = subject;
    const answer = await this.#answer(hook, version, object, subject, mayPatch);
    if (answer === undefined) return undefined;
    for (const text of answer.warnings) options.warn?.(text);
    for (const [key, value] of answer.annotations) options.annotate?.(`${hook.name}/${key}`, value);
    if (!answer.isAllowed) throw denied(hook.name, answer.status);
    return answer;
  }

  async #answer(hook: Hook, version: string, object: KubeObject, subject: AdmissionSubject, mayPatch: boolean): Promise<Answer | undefined> {
    const { view, caller, random } = this.#parts;
    try {
      if (hook.reviewVersion === undefined) return this.#failed(hook, 'webhook does not accept known AdmissionReview versions (v1, v1beta1)', subject);
      const question = { uid: newUid(random), reviewVersion: hook.reviewVersion, version };
      this.#turn += 1;
      const target = targetOf(view, hook.clientConfig, this.#turn);
      const old = subject.old === undefined ? {} : { old: await this.seen(subject.old, subject.of, version) };
      return readReview(await caller.call(target, renderReview({ ...subject, ...old }, object, question), hook.timeoutMs), question, mayPatch);
    } catch (thrown) {
      if (thrown instanceof StatusError) throw thrown;
      return this.#failed(hook, messageOf(thrown), subject);
    }
  }

  #failed(hook: Hook, why: string, { options }: AdmissionSubject): undefined {
    if (!hook.isIgnored) throw callFailed(hook.name, why);
    this.#parts.log(`webhook ${hook.name} of ${hook.configuration} could not be asked, and is passed over: ${why}`);
    options.annotate?.('failed-open.webhook.admission.k8s.io/round_0_index_0', hook.name);
    return undefined;
  }
}

export function callFailed(name: string, why: string): StatusError {
  return new StatusError('internal', `Internal error occurred: failed calling webhook ${JSON.stringify(name)}: failed to call webhook: ${why}`);
}

/** Whatever it says, it is a refusal. */
function denied(name: string, status: JsonObject): StatusError {
  const { message, reason, code } = status;
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = typeof message === 'string' && message !== '' ? message : typeof reason === 'string' && reason !== '' ? reason : undefined;
  return new StatusError('forbidden', (why === undefined ? `${by} without explanation` : `${by}: ${why}`).slice(0, LONGEST_MESSAGE), {
    code: typeof code === 'number' && Number.isInteger(code) && code >= 400 && code <= 599 ? code : 400, reason: typeof reason === 'string' ? reason.slice(0, 100) : '',
  });
}
