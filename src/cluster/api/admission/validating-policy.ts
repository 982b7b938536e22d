import type { Json, JsonObject } from '#base/json.ts';
import type { AuthorizerPort } from '#cluster/kinds/custom/expression-authorizer.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { AdmissionOptions, AdmissionPlugin, AdmissionSubject } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';
import { StatusError } from '../status.ts';
import { objectOf, objectsOf, textOf } from './pod-spec.ts';
import { matchesResources, type Written, writtenOf } from './policy-match.ts';
import { ExpressionCache, largestIn, PolicyRun, variablesOf } from './policy-run.ts';

const POLICIES = 'admissionregistration.k8s.io/validatingadmissionpolicies';
const BINDINGS = 'admissionregistration.k8s.io/validatingadmissionpolicybindings';
/** Resources that have to be at hand for policies. */
export const POLICY_RESOURCES: readonly string[] = [POLICIES, BINDINGS];
/** Upstream's bound of an annotation's value (`maxAuditAnnotationValueLength`). */
const LONGEST_NOTE = 10 * 1024;
const CODES: Readonly<Record<string, number>> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

/** The objects that a binding names as parameters. */
export type FindParameters = (kind: JsonObject, reference: JsonObject, namespace: string | undefined) => Promise<readonly KubeObject[]>;

/** Asks the policies that are bound of everything that is written (kubernetes.io, "Validating Admission Policy"). */
export function validatingPolicies(view: ObjectView, find: FindParameters, authorizer?: AuthorizerPort): AdmissionPlugin {
  const expressions = new ExpressionCache();
  return {
    name: 'ValidatingAdmissionPolicy',
    async validate(object, subject) {
      // Policies are not asked of policies: a wrong one could never be taken away.
      if (subject.of.group === 'admissionregistration.k8s.io') return;
      const bindings = view.list(BINDINGS);
      if (bindings.length === 0) return;
      const written = writtenOf(view, object, subject);
      for (const binding of bindings) {
        const spec = specOf(binding);
        const policy = view.get(POLICIES, undefined, textOf(spec['policyName']));
        if (policy === undefined || !matchesResources(objectOf(specOf(policy)['matchConstraints']), written) || !matchesResources(objectOf(spec['matchResources']), written)) continue;
        for (const params of await parametersOf(policy, binding, written, find)) {
          const { faults, notes } = verdictOf(policy, written, params, subject, { expressions, authorizer });
          for (const [key, value] of notes) subject.options.annotate?.(`${policy.metadata.name}/${key}`, value);
          tell(written, policy, binding, faults, subject.options);
        }
      }
    },
  };
}

interface Tools {
  readonly expressions: ExpressionCache;
  readonly authorizer: AuthorizerPort | undefined;
}

interface Fault {
  readonly message: string;
  readonly reason: string;
}

const specOf = (object: KubeObject): JsonObject => objectOf(object['spec'] as Json | undefined);

/** With no parameters wanted, one look with none. */
async function parametersOf(policy: KubeObject, binding: KubeObject, written: Written, find: FindParameters): Promise<readonly (KubeObject | undefined)[]> {
  const [kind, reference] = [objectOf(specOf(policy)['paramKind']), objectOf(specOf(binding)['paramRef'])];
  if (Object.keys(kind).length === 0 || Object.keys(reference).length === 0) return [undefined];
  const found = await find(kind, reference, written.object.metadata.namespace);
  if (found.length > 0 || reference['parameterNotFoundAction'] === 'Allow' || specOf(policy)['failurePolicy'] === 'Ignore') return found;
  throw denied(written, policy, binding, { message: 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction', reason: 'Invalid' });
}

interface Verdict {
  readonly faults: readonly Fault[];
  /** For the audit log. */
  readonly notes: ReadonlyMap<string, string>;
}

function verdictOf(policy: KubeObject, written: Written, params: KubeObject | undefined, { options }: AdmissionSubject, { expressions, authorizer }: Tools): Verdict {
  const spec = specOf(policy);
  const run = new PolicyRun(spec, variablesOf(written, params, options, authorizer), largestIn(asJson(written.object)), expressions);
  const isIgnored = spec['failurePolicy'] === 'Ignore';
  const broken = (expression: string, thrown: unknown): readonly Fault[] => (isIgnored ? [] : [{ message: `expression '${expression}' resulted in error: ${thrown instanceof Error ? thrown.message.split('\n', 1)[0] : String(thrown)}`, reason: 'Invalid' }]);
  for (const condition of objectsOf(spec['matchConditions'])) {
    const expression = textOf(condition['expression']);
    try {
      if (run.ask(expression) !== true) return { faults: [], notes: new Map() };
    } catch (thrown) {
      return { faults: broken(expression, thrown), notes: new Map() };
    }
  }
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

function tell(written: Written, policy: KubeObject, binding: KubeObject, faults: readonly Fault[], { warn, annotate }: AdmissionOptions): void {
  const actions = specOf(binding)['validationActions'];
  const does = (action: string): boolean => Array.isArray(actions) && actions.includes(action);
  if (faults.length > 0 && does('Audit')) {
    const told = faults.map(({ message }, expressionIndex) => ({ message, policy: policy.metadata.name, binding: binding.metadata.name, expressionIndex, validationActions: Array.isArray(actions) ? actions : [] }));
    annotate?.('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(told));
  }
  for (const fault of faults) {
    if (does('Deny')) throw denied(written, policy, binding, fault);
    if (does('Warn')) warn?.(`Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${fault.message}`);
  }
}

function denied({ of, object }: Written, policy: KubeObject, binding: KubeObject, { message, reason }: Fault): StatusError {
  const text = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`;
  const { name } = object.metadata;
  return new StatusError('forbidden', `${of.group === '' ? of.plural : `${of.plural}.${of.group}`} ${JSON.stringify(name)} is forbidden: ${text}`, { code: CODES[reason] ?? 422, reason, name, group: of.group, resource: of.plural, causes: [{ reason: '', message: text }] });
}
