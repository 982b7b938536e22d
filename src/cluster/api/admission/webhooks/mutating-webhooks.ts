import { messageOf } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import type { AdmissionSubject, Mutation, Mutator } from '../../admission.ts';
import { jsonPatch } from '../../patch/json-patch.ts';
import { same } from '../../same.ts';
import { mutatedObject } from '../mutated-object.ts';
import { isObject } from '../pod-spec.ts';
import { WebhookAsking, type WebhookParts } from './webhook-asking.ts';
import { Hooks, type Hook } from './webhook-hooks.ts';
import { StatusError } from '../../status.ts';

const CONFIGURATIONS = 'admissionregistration.k8s.io/mutatingwebhookconfigurations';

/** Asks the webhooks that may change what is written, one after another (kubernetes.io, "Dynamic Admission Control"). */
export function mutatingWebhooks(parts: WebhookParts & { readonly schemas: SchemaSet }): Mutator {
  const [hooks, asking] = [new Hooks(parts.view, CONFIGURATIONS), new WebhookAsking(parts)];
  return { connects: true, begin: (subject) => new Round(hooks.all(), asking, parts.schemas, subject) };
}

class Round implements Mutation {
  readonly #hooks: readonly Hook[];
  readonly #asking: WebhookAsking;
  readonly #schemas: SchemaSet;
  readonly #subject: AdmissionSubject;
  /** Those that want to know of what is changed after them; and those of them after which something was. */
  readonly #asked = new Set<string>();
  readonly #again = new Set<string>();
  #last: KubeObject | undefined;

  constructor(hooks: readonly Hook[], asking: WebhookAsking, schemas: SchemaSet, subject: AdmissionSubject) {
    this.#hooks = hooks;
    this.#asking = asking;
    this.#schemas = schemas;
    this.#subject = subject;
  }

  async first(object: KubeObject): Promise<KubeObject> {
    let changed = object;
    for (const hook of this.#hooks) changed = await this.#ask(hook, changed, 0);
    this.#last = changed;
    return changed;
  }

  async again(object: KubeObject): Promise<KubeObject> {
    if (this.#last !== undefined && !same(this.#last, object)) this.#wake();
    let changed = object;
    for (const hook of this.#hooks) if (this.#again.has(hook.id)) changed = await this.#ask(hook, changed, 1);
    return changed;
  }

  #wake(): void {
    for (const id of this.#asked) this.#again.add(id);
    this.#asked.clear();
  }

  async #ask(hook: Hook, object: KubeObject, round: number): Promise<KubeObject> {
    const version = this.#asking.wants(hook, object, this.#subject);
    if (version === undefined) return object;
    const { of } = this.#subject;
    const seen = await this.#asking.seen(object, of, version);
    const answer = await this.#asking.ask(hook, version, seen, this.#subject, true);
    const changed = answer?.patch === undefined ? object : this.#mutated(hook, await this.#asking.seen(this.#patched(hook, seen, answer.patch), of, of.version));
    const isChanged = changed !== object && !same(changed, object);
    this.#subject.options.annotate?.(`mutation.webhook.admission.k8s.io/round_${round}_index_${this.#hooks.indexOf(hook)}`, JSON.stringify({ configuration: hook.configuration, webhook: hook.name, mutated: isChanged }));
    if (isChanged) this.#wake();
    if (hook.isReinvoked) this.#asked.add(hook.id);
    return isChanged ? changed : object;
  }

  #patched(hook: Hook, object: KubeObject, patch: Json): KubeObject {
    const { operation } = this.#subject;
    if (operation === 'DELETE' || operation === 'CONNECT') throw failed(hook, 'attempted to modify the object, which is not supported for this operation');
    let next: Json;
    try {
      next = jsonPatch(asJson(object), patch);
    } catch (thrown) {
      throw failed(hook, messageOf(thrown));
    }
    if (!isObject(next) || !isObject(next['metadata'])) throw failed(hook, 'what it made is no object');
    return asObject(next);
  }

  #mutated(hook: Hook, object: KubeObject): KubeObject {
    const mutated = mutatedObject(this.#schemas, this.#subject, asJson(object));
    if (mutated === undefined) throw failed(hook, 'what it made is no object');
    return mutated;
  }
}

function failed({ name }: Hook, why: string): StatusError {
  return new StatusError('internal', `Internal error occurred: admission webhook ${JSON.stringify(name)}: ${why}`);
}
