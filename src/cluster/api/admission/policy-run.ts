import type { Json, JsonObject } from '#base/json.ts';
import { expressionCost } from '#cluster/kinds/custom/expression-cost.ts';
import { expressionValue } from '#cluster/kinds/custom/expression-values.ts';
import { compilePolicyExpression, ExpressionFault, makeValues, type PolicyExpression, type PolicyVariables } from '#cluster/kinds/custom/expressions.ts';
import { RequestAuthorizer, type AuthorizerPort } from '#cluster/kinds/custom/expression-authorizer.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import { userInfo } from '../access/access-reviews.ts';
import type { AdmissionOptions } from '../admission.ts';
import type { User } from '../api-request.ts';
import { StatusError } from '../status.ts';
import { objectsOf, textOf } from './pod-spec.ts';
import type { Written } from './policy-match.ts';

/** Steps for the expressions of one policy on one object. */
const MOST_STEPS = 1_000_000;

/** Who asks, also where it is a part of the cluster. */
export function requesterOf({ user, requester }: AdmissionOptions): User {
  return requester ?? { name: user, groups: [] };
}

/** What expressions may speak of. @param port whom `authorizer` asks; without one it is not there */
export function variablesOf({ of, operation, subresource, object, old, namespace }: Written, params: KubeObject | undefined, options: AdmissionOptions, port: AuthorizerPort | undefined): PolicyVariables {
  const value = (given: Json | undefined): unknown => (given === undefined ? null : expressionValue(given, undefined, makeValues));
  const { group, version, kind, plural } = of;
  const request: JsonObject = {
    kind: { group, version, kind }, resource: { group, version, resource: plural }, subResource: subresource, name: object.metadata.name ?? '', namespace: object.metadata.namespace ?? '', operation, dryRun: options.dryRun,
    userInfo: userInfo(requesterOf(options)),
  };
  return {
    object: operation === 'DELETE' ? null : value(asJson(object)), oldObject: old === undefined ? null : value(asJson(old)), request: value(request), params: params === undefined ? null : value(asJson(params)),
    namespaceObject: namespace === undefined ? null : value(asJson(namespace)), variables: {},
    authorizer: port === undefined ? null : new RequestAuthorizer(port, requesterOf(options), { group, resource: plural, subresource, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }),
  };
}

/** The length of the longest list, map or text in a value. */
export function largestIn(value: Json): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return 1;
  const parts = Object.values(value).filter((each): each is Json => each !== undefined);
  return parts.reduce<number>((most, each) => Math.max(most, largestIn(each)), parts.length);
}

/** One policy on one object: what its variables are is found out when somebody asks, and once. */
export class PolicyRun {
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
export class ExpressionCache {
  readonly #known = new Map<string, PolicyExpression | ExpressionFault>();
  readonly #makesObjects: boolean;

  /** @param makesObjects whether they may have literals of `Object` and `JSONPatch` */
  constructor(makesObjects = false) {
    this.#makesObjects = makesObjects;
  }

  of(text: string): PolicyExpression | ExpressionFault {
    const known = this.#known.get(text) ?? compilePolicyExpression(text, undefined, this.#makesObjects);
    if (this.#known.size >= MOST_KEPT) this.#known.clear();
    this.#known.set(text, known);
    return known;
  }
}
