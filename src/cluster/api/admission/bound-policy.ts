import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectView } from '../object-view.ts';
import { StatusError } from '../status.ts';
import { matchesResources, type Written } from './policy-match.ts';
import { objectOf, objectsOf, textOf } from './pod-spec.ts';
import type { PolicyRun } from './policy-run.ts';

const CODES: Readonly<Record<string, number>> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

/** The objects that a binding names as parameters. */
export type FindParameters = (kind: JsonObject, reference: JsonObject, namespace: string | undefined) => Promise<readonly KubeObject[]>;

/** A policy, and what puts it to work. */
export interface BoundPolicy {
  readonly policy: KubeObject;
  readonly binding: KubeObject;
}

/** Why a policy does not let something through. */
export interface Fault {
  readonly message: string;
  /** As `admissionregistration.v1.Validation.reason`. */
  readonly reason: string;
}

export const specOf = (object: KubeObject): JsonObject => objectOf(object['spec'] as Json | undefined);

/** Those that have a say in a write, by their names. */
export function boundPolicies(view: ObjectView, policies: string, bindings: readonly KubeObject[], written: Written): readonly BoundPolicy[] {
  return bindings.flatMap((binding): readonly BoundPolicy[] => {
    const spec = specOf(binding);
    const policy = view.get(policies, undefined, textOf(spec['policyName']));
    return policy === undefined || !matchesResources(objectOf(specOf(policy)['matchConstraints']), written) || !matchesResources(objectOf(spec['matchResources']), written) ? [] : [{ policy, binding }];
  }).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** No name has a space in it. */
export const nameOf = ({ policy, binding }: BoundPolicy): string => `${policy.metadata.name} ${binding.metadata.name}`;

/** With no parameters wanted, one look with none. @param title as in the refusal where there are none and there should be */
export async function parametersOf({ policy, binding }: BoundPolicy, written: Written, find: FindParameters, title: string): Promise<readonly (KubeObject | undefined)[]> {
  const [kind, reference] = [objectOf(specOf(policy)['paramKind']), objectOf(specOf(binding)['paramRef'])];
  if (Object.keys(kind).length === 0 || Object.keys(reference).length === 0) return [undefined];
  const found = await find(kind, reference, written.object.metadata.namespace);
  if (found.length > 0 || reference['parameterNotFoundAction'] === 'Allow' || isIgnored(policy)) return found;
  throw denied(title, written, { policy, binding }, { message: 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction', reason: 'Invalid' });
}

export const isIgnored = (policy: KubeObject): boolean => specOf(policy)['failurePolicy'] === 'Ignore';

/** Whether all conditions of a policy are met; where one can't be told, why. */
export function meetsConditions(policy: KubeObject, run: PolicyRun): boolean | Fault {
  for (const condition of objectsOf(specOf(policy)['matchConditions'])) {
    const expression = textOf(condition['expression']);
    try {
      if (run.ask(expression) !== true) return false;
    } catch (thrown) {
      return brokenFault(expression, thrown);
    }
  }
  return true;
}

export function brokenFault(expression: string, thrown: unknown): Fault {
  return { message: `expression '${expression}' resulted in error: ${thrown instanceof Error ? thrown.message.split('\n', 1)[0] : String(thrown)}`, reason: 'Invalid' };
}

/** @param title `ValidatingAdmissionPolicy`, `policy` */
export function denied(title: string, { of, object }: Written, { policy, binding }: BoundPolicy, { message, reason }: Fault): StatusError {
  const text = `${title} '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${message}`;
  const { name } = object.metadata;
  return new StatusError('forbidden', `${of.group === '' ? of.plural : `${of.plural}.${of.group}`} ${JSON.stringify(name)} is forbidden: ${text}`, { code: CODES[reason] ?? 422, reason, name, group: of.group, resource: of.plural, causes: [{ reason: '', message: text }] });
}
