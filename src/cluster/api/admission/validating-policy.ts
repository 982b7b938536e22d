import type { Json, JsonObject } from '#base/json.ts';
import { expressionCost } from '#cluster/kinds/custom/expression-cost.ts';
import { expressionValue } from '#cluster/kinds/custom/expression-values.ts';
import { compilePolicyExpression, ExpressionFault, makeValues, type PolicyExpression, type PolicyVariables } from '#cluster/kinds/custom/expressions.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { userInfo } from '../access/access-reviews.ts';
import type { AdmissionOptions, AdmissionPlugin } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';
import { StatusError } from '../status.ts';
import { objectOf, objectsOf, textOf } from './pod-spec.ts';
import { matchesResources, type Written } from './policy-match.ts';

const POLICIES = 'admissionregistration.k8s.io/validatingadmissionpolicies';
const BINDINGS = 'admissionregistration.k8s.io/validatingadmissionpolicybindings';
/** Resources that have to be at hand for policies. */
export const POLICY_RESOURCES: readonly string[] = [POLICIES, BINDINGS];
/** Steps for the expressions of one policy on one object. */
const MOST_STEPS = 1_000_000;
const CODES: Readonly<Record<string, number>> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

/** The objects that a binding names as parameters. */
export type FindParameters = (kind: JsonObject, reference: JsonObject, namespace: string | undefined) => Promise<readonly KubeObject[]>;

/** Asks the policies that are bound of everything that is written (kubernetes.io, "Validating Admission Policy"). */
export function validatingPolicies(view: ObjectView, find: FindParameters): AdmissionPlugin {
  const expressions = new ExpressionCache();
  const ask = async (of: ResourceDefinition, operation: Written['operation'], object: KubeObject, old: KubeObject | undefined, options: AdmissionOptions): Promise<void> => {
    // Policies are not asked of policies: a wrong one could never be taken away.
    if (of.group === 'admissionregistration.k8s.io') return;
    const bindings = view.list(BINDINGS);
    if (bindings.length === 0) return;
    const { namespace } = object.metadata;
    const written: Written = { of, operation, subresource: options.subresource ?? '', object, old, namespace: namespace === undefined ? undefined : view.get('namespaces', undefined, namespace) };
    for (const binding of bindings) {
      const spec = specOf(binding);
      const policy = view.get(POLICIES, undefined, textOf(spec['policyName']));
      if (policy === undefined || !matchesResources(objectOf(specOf(policy)['matchConstraints']), written) || !matchesResources(objectOf(spec['matchResources']), written)) continue;
      for (const params of await parametersOf(policy, binding, written, find)) tell(written, policy, binding, faultsOf(policy, written, params, options, expressions), options);
    }
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    async create(of, object, options) {
      await ask(of, 'CREATE', object, undefined, options);
      return object;
    },
    async update(of, object, old, options) {
      await ask(of, 'UPDATE', object, old, options);
      return object;
    },
    async delete(of, object, options) {
      await ask(of, 'DELETE', object, object, options);
    },
  };
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

function faultsOf(policy: KubeObject, written: Written, params: KubeObject | undefined, options: AdmissionOptions, expressions: ExpressionCache): readonly Fault[] {
  const spec = specOf(policy);
  const run = new PolicyRun(spec, variablesOf(written, params, options), largestIn(asJson(written.object)), expressions);
  const isIgnored = spec['failurePolicy'] === 'Ignore';
  const broken = (expression: string, thrown: unknown): readonly Fault[] => (isIgnored ? [] : [{ message: `expression '${expression}' resulted in error: ${thrown instanceof Error ? thrown.message.split('\n', 1)[0] : String(thrown)}`, reason: 'Invalid' }]);
  for (const condition of objectsOf(spec['matchConditions'])) {
    const expression = textOf(condition['expression']);
    try {
      if (run.ask(expression) !== true) return [];
    } catch (thrown) {
      return broken(expression, thrown);
    }
  }
  return objectsOf(spec['validations']).flatMap((validation): readonly Fault[] => {
    const expression = textOf(validation['expression']);
    try {
      return run.ask(expression) === true ? [] : [{ message: messageOf(validation, run), reason: typeof validation['reason'] === 'string' ? validation['reason'] : 'Invalid' }];
    } catch (thrown) {
      return broken(expression, thrown);
    }
  });
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

function tell(written: Written, policy: KubeObject, binding: KubeObject, faults: readonly Fault[], { warn }: AdmissionOptions): void {
  const actions = specOf(binding)['validationActions'];
  const does = (action: string): boolean => Array.isArray(actions) && actions.includes(action);
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

function variablesOf({ of, operation, subresource, object, old, namespace }: Written, params: KubeObject | undefined, { user, requester, dryRun }: AdmissionOptions): PolicyVariables {
  const value = (given: Json | undefined): unknown => (given === undefined ? null : expressionValue(given, undefined, makeValues));
  const { group, version, kind, plural } = of;
  const request: JsonObject = {
    kind: { group, version, kind }, resource: { group, version, resource: plural }, subResource: subresource, name: object.metadata.name ?? '', namespace: object.metadata.namespace ?? '', operation, dryRun,
    userInfo: userInfo(requester ?? { name: user, groups: [] }),
  };
  return {
    object: operation === 'DELETE' ? null : value(asJson(object)), oldObject: old === undefined ? null : value(asJson(old)), request: value(request), params: params === undefined ? null : value(asJson(params)),
    namespaceObject: namespace === undefined ? null : value(asJson(namespace)), variables: {},
  };
}

/** The length of the longest list, map or text in a value. */
function largestIn(value: Json): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return 1;
  const parts = Object.values(value).filter((each): each is Json => each !== undefined);
  return parts.reduce<number>((most, each) => Math.max(most, largestIn(each)), parts.length);
}

/** One policy on one object: what its variables are is found out when somebody asks, and once. */
class PolicyRun {
  readonly #variables: PolicyVariables;
  readonly #largest: number;
  readonly #expressions: ExpressionCache;
  #steps = 0;

  constructor(spec: JsonObject, variables: PolicyVariables, largest: number, expressions: ExpressionCache) {
    this.#largest = largest;
    this.#expressions = expressions;
    const named: Record<string, unknown> = {};
    this.#variables = { ...variables, variables: named };
    for (const { name, expression } of objectsOf(spec['variables'])) {
      let found: { readonly value: unknown } | undefined;
      Object.defineProperty(named, textOf(name), { enumerable: true, get: () => (found ??= { value: this.ask(textOf(expression)) }).value });
    }
  }

  /** @throws where it comes upon what is not there, or would take too long */
  ask(text: string): unknown {
    const expression = this.#expressions.of(text);
    if (expression instanceof ExpressionFault) throw new StatusError('invalid', expression.message);
    this.#steps += expressionCost(expression.ast, new Map(), () => this.#largest);
    if (this.#steps > MOST_STEPS) throw new StatusError('invalid', 'validation failed due to running out of cost budget, no further validation rules will be run');
    return expression.run(this.#variables);
  }
}

const MOST_KEPT = 1000;

/** Expressions, compiled once as long as there are not too many. */
class ExpressionCache {
  readonly #known = new Map<string, PolicyExpression | ExpressionFault>();

  of(text: string): PolicyExpression | ExpressionFault {
    const known = this.#known.get(text) ?? compilePolicyExpression(text, undefined);
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(text, known);
    return known;
  }
}
