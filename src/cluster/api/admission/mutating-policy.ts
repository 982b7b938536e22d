import { messageOf } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { AuthorizerPort } from '#cluster/kinds/custom/expression-authorizer.ts';
import { jsonOf } from '#cluster/kinds/custom/expression-objects.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import type { AdmissionSubject, Mutation, Mutator } from '../admission.ts';
import type { FieldManager } from '../apply/field-manager.ts';
import type { ObjectView } from '../object-view.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { same } from '../same.ts';
import { boundPolicies, brokenFault, denied, isIgnored, meetsConditions, nameOf, parametersOf, specOf, type BoundPolicy, type Fault, type FindParameters } from './bound-policy.ts';
import { mutatedObject } from './mutated-object.ts';
import { isObject, objectOf, objectsOf, textOf } from './pod-spec.ts';
import { writtenOf, type Written } from './policy-match.ts';
import { ExpressionCache, largestIn, PolicyRun, variablesOf } from './policy-run.ts';

const POLICIES = 'admissionregistration.k8s.io/mutatingadmissionpolicies';
const BINDINGS = 'admissionregistration.k8s.io/mutatingadmissionpolicybindings';
/** Resources that have to be at hand for policies. */
export const MUTATING_POLICY_RESOURCES: readonly string[] = [POLICIES, BINDINGS];
const TITLE = 'policy';

/** Objects of some kinds have a message of their own: which of both it is, is said. */
type Mutated = { readonly object: KubeObject; readonly fault?: undefined } | { readonly fault: Fault };

export interface MutatingPolicyParts {
  readonly view: ObjectView;
  readonly schemas: SchemaSet;
  /** Puts configurations over objects. */
  readonly fields: Pick<FieldManager, 'overlaid'>;
  readonly find: FindParameters;
  readonly authorizer?: AuthorizerPort;
}

/** Changes what is written as expressions say: by configurations that are put over it, and by JSON patches (kubernetes.io, "Mutating Admission Policy"). */
export function mutatingPolicies(parts: MutatingPolicyParts): Mutator {
  const expressions = new ExpressionCache(true);
  return { begin: (subject) => new PolicyRound(parts, expressions, subject) };
}

class PolicyRound implements Mutation {
  readonly #parts: MutatingPolicyParts;
  readonly #expressions: ExpressionCache;
  readonly #subject: AdmissionSubject;
  /** What each of those that want to be asked again left behind. */
  readonly #left = new Map<string, KubeObject>();

  constructor(parts: MutatingPolicyParts, expressions: ExpressionCache, subject: AdmissionSubject) {
    this.#parts = parts;
    this.#expressions = expressions;
    this.#subject = subject;
  }

  async first(object: KubeObject): Promise<KubeObject> {
    return await this.#through(object, () => true);
  }

  async again(object: KubeObject): Promise<KubeObject> {
    return await this.#through(object, (bound, current) => {
      const left = this.#left.get(nameOf(bound));
      return left !== undefined && !same(left, current);
    });
  }

  async #through(object: KubeObject, asks: (bound: BoundPolicy, current: KubeObject) => boolean): Promise<KubeObject> {
    const { of, operation } = this.#subject;
    // Policies are not asked of policies: a wrong one could never be taken away. Nothing can be changed of what goes.
    if (of.group === 'admissionregistration.k8s.io' || operation === 'DELETE') return object;
    const bindings = this.#parts.view.list(BINDINGS);
    if (bindings.length === 0) return object;
    let changed = object;
    for (const bound of boundPolicies(this.#parts.view, POLICIES, bindings, writtenOf(this.#parts.view, object, this.#subject))) {
      if (!asks(bound, changed)) continue;
      changed = await this.#by(bound, changed);
      if (specOf(bound.policy)['reinvocationPolicy'] === 'IfNeeded') this.#left.set(nameOf(bound), changed);
    }
    return changed;
  }

  async #by(bound: BoundPolicy, object: KubeObject): Promise<KubeObject> {
    let changed = object;
    for (const params of await parametersOf(bound, writtenOf(this.#parts.view, object, this.#subject), this.#parts.find, TITLE)) changed = this.#mutated(bound, changed, params);
    return changed;
  }

  /** All mutations of a policy, or none of them. */
  #mutated(bound: BoundPolicy, object: KubeObject, params: KubeObject | undefined): KubeObject {
    const written = writtenOf(this.#parts.view, object, this.#subject);
    const isMet = meetsConditions(bound.policy, this.#run(bound.policy, written, params));
    if (typeof isMet !== 'boolean') return this.#failed(bound, written, isMet);
    let changed = object;
    for (const mutation of isMet ? objectsOf(specOf(bound.policy)['mutations']) : []) {
      const next = this.#mutate(mutation, changed, this.#run(bound.policy, { ...written, object: changed }, params));
      if (next.fault !== undefined) return this.#failed(bound, written, next.fault);
      changed = next.object;
    }
    return same(changed, object) ? object : changed;
  }

  #failed(bound: BoundPolicy, written: Written, fault: Fault): KubeObject {
    if (isIgnored(bound.policy)) return written.object;
    throw denied(TITLE, written, bound, fault);
  }

  #run(policy: KubeObject, written: Written, params: KubeObject | undefined): PolicyRun {
    return new PolicyRun(specOf(policy), variablesOf(written, params, this.#subject.options, this.#parts.authorizer), largestIn(asJson(written.object)), this.#expressions);
  }

  #mutate(mutation: JsonObject, object: KubeObject, run: PolicyRun): Mutated {
    const isPatch = mutation['patchType'] === 'JSONPatch';
    const expression = textOf(objectOf(mutation[isPatch ? 'jsonPatch' : 'applyConfiguration'])['expression']);
    let value: Json;
    try {
      value = jsonOf(run.ask(expression));
    } catch (thrown) {
      return { fault: brokenFault(expression, thrown) };
    }
    try {
      const next = isPatch ? jsonPatch(asJson(object), value) : this.#overlaid(object, value);
      const mutated = mutatedObject(this.#parts.schemas, this.#subject, next);
      return mutated === undefined ? { fault: { message: 'what the mutation made is no object', reason: 'Invalid' } } : { object: mutated };
    } catch (thrown) {
      return { fault: { message: messageOf(thrown), reason: 'Invalid' } };
    }
  }

  #overlaid(object: KubeObject, value: Json): Json {
    if (!isObject(value)) throw new TypeError('type error: the ApplyConfiguration expression does not evaluate to Object');
    return this.#parts.fields.overlaid(this.#subject.of, object, value);
  }
}
