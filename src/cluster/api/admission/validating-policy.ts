import type { JsonObject } from '#base/json.ts';
import type { AuthorizerPort } from '#cluster/kinds/custom/expression-authorizer.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { AdmissionOptions, AdmissionPlugin, AdmissionSubject } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';
import { boundPolicies, brokenFault, denied, isIgnored, meetsConditions, parametersOf, specOf, type BoundPolicy, type Fault, type FindParameters } from './bound-policy.ts';
import { objectsOf, textOf } from './pod-spec.ts';
import { type Written, writtenOf } from './policy-match.ts';
import { ExpressionCache, largestIn, PolicyRun, variablesOf } from './policy-run.ts';

const POLICIES = 'admissionregistration.k8s.io/validatingadmissionpolicies';
const BINDINGS = 'admissionregistration.k8s.io/validatingadmissionpolicybindings';
/** Resources that have to be at hand for policies. */
export const POLICY_RESOURCES: readonly string[] = [POLICIES, BINDINGS];
/** Upstream's bound of an annotation's value (`maxAuditAnnotationValueLength`). */
const LONGEST_NOTE = 10 * 1024;
const TITLE = 'ValidatingAdmissionPolicy';

/** Asks the policies that are bound of everything that is written (kubernetes.io, "Validating Admission Policy"). */
export function validatingPolicies(view: ObjectView, find: FindParameters, authorizer?: AuthorizerPort): AdmissionPlugin {
  const expressions = new ExpressionCache();
  const ask = async (object: KubeObject, subject: AdmissionSubject): Promise<void> => {
    // Policies are not asked of policies: a wrong one could never be taken away.
    if (subject.of.group === 'admissionregistration.k8s.io') return;
    const bindings = view.list(BINDINGS);
    if (bindings.length === 0) return;
    const written = writtenOf(view, object, subject);
    for (const bound of boundPolicies(view, POLICIES, bindings, written)) {
      for (const params of await parametersOf(bound, written, find, TITLE)) {
        const { faults, notes } = verdictOf(bound.policy, written, params, subject, { expressions, authorizer });
        for (const [key, value] of notes) subject.options.annotate?.(`${bound.policy.metadata.name}/${key}`, value);
        tell(written, bound, faults, subject.options);
      }
    }
  };
  return { name: 'ValidatingAdmissionPolicy', validate: ask, connect: ask };
}

interface Tools {
  readonly expressions: ExpressionCache;
  readonly authorizer: AuthorizerPort | undefined;
}

interface Verdict {
  readonly faults: readonly Fault[];
  /** For the audit log. */
  readonly notes: ReadonlyMap<string, string>;
}

function verdictOf(policy: KubeObject, written: Written, params: KubeObject | undefined, { options }: AdmissionSubject, { expressions, authorizer }: Tools): Verdict {
  const spec = specOf(policy);
  const run = new PolicyRun(spec, variablesOf(written, params, options, authorizer), largestIn(asJson(written.object)), expressions);
  const broken = (expression: string, thrown: unknown): readonly Fault[] => (isIgnored(policy) ? [] : [brokenFault(expression, thrown)]);
  const isMet = meetsConditions(policy, run);
  if (isMet !== true) return { faults: isMet === false || isIgnored(policy) ? [] : [isMet], notes: new Map() };
  const faults = objectsOf(spec['validations']).flatMap((validation): readonly Fault[] => {
    const expression = textOf(validation['expression']);
    try {
      return run.ask(expression) === true ? [] : [{ message: messageOf(validation, run), reason: typeof validation['reason'] === 'string' ? validation['reason'] : 'Invalid' }];
    } catch (thrown) {
      return broken(expression, thrown);
    }
  });
  const notes = new Map<string, string>();
  const notFound = objectsOf(spec['auditAnnotations']).flatMap((annotation): readonly Fault[] => {
    const expression = textOf(annotation['valueExpression']);
    try {
      const value = run.ask(expression);
      // One that answers null is left out.
      if (typeof value === 'string') notes.set(textOf(annotation['key']), value.slice(0, LONGEST_NOTE));
      return [];
    } catch (thrown) {
      return broken(expression, thrown);
    }
  });
  return { faults: [...faults, ...notFound], notes };
}

function messageOf(validation: JsonObject, run: PolicyRun): string {
  const plain = typeof validation['message'] === 'string' && validation['message'] !== '' ? validation['message'] : `failed expression: ${textOf(validation['expression']).trim()}`;
  if (typeof validation['messageExpression'] !== 'string' || validation['messageExpression'] === '') return plain;
  try {
    const text = run.ask(validation['messageExpression']);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : plain;
  } catch {
    return plain;
  }
}

function tell(written: Written, bound: BoundPolicy, faults: readonly Fault[], { warn, annotate }: AdmissionOptions): void {
  const { policy, binding } = bound;
  const actions = specOf(binding)['validationActions'];
  const does = (action: string): boolean => Array.isArray(actions) && actions.includes(action);
  if (faults.length > 0 && does('Audit')) {
    const told = faults.map(({ message }, expressionIndex) => ({ message, policy: policy.metadata.name, binding: binding.metadata.name, expressionIndex, validationActions: Array.isArray(actions) ? actions : [] }));
    annotate?.('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(told));
  }
  for (const fault of faults) {
    if (does('Deny')) throw denied(TITLE, written, bound, fault);
    if (does('Warn')) warn?.(`Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${fault.message}`);
  }
}
