import type { JsonObject } from '#base/json.ts';
import type { CustomSchema } from '#cluster/kinds/custom/custom-schema.ts';
import { policyTypeFault } from '#cluster/kinds/custom/expressions.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { NOTHING, type Controller, type Plan } from '#cluster/loop/controller.ts';

const POLICIES = 'admissionregistration.k8s.io/validatingadmissionpolicies';
/** Upstream looks at no more types of a policy. */
const MOST_TYPES = 10;

/** A kind that a policy may be about. */
export interface PolicySubject {
  readonly kind: string;
  readonly schema: CustomSchema;
}

/** By group, version and plural name; undefined where nothing of the kind is served. */
export type FindSubject = (group: string, version: string, plural: string) => PolicySubject | undefined;

interface Rule { readonly apiGroups?: readonly string[]; readonly apiVersions?: readonly string[]; readonly resources?: readonly string[] }
interface Spec {
  readonly matchConstraints?: { readonly resourceRules?: readonly Rule[] };
  readonly validations?: readonly { readonly expression?: string; readonly messageExpression?: string }[];
}
interface Status { readonly observedGeneration?: number }

/** Says in the status of a policy which of its expressions ask for what the kinds that it names do not have (KEP-3488, "Type checking"). */
export function policyTypeController(find: FindSubject): Controller {
  return {
    name: 'validatingadmissionpolicy-status-controller', reads: [POLICIES], writes: [POLICIES],
    keysFor: (_resource, { metadata }) => [metadata.name],
    reconcile(name, view): Plan {
      const policy = view.get(POLICIES, undefined, name);
      if (policy === undefined) return NOTHING;
      const status = (policy['status'] ?? {}) as Status & JsonObject;
      const { generation = 0 } = policy.metadata;
      if (status.observedGeneration === generation) return NOTHING;
      const warnings = expressionWarnings(policy, find);
      return { writes: [{ kind: 'status', resource: POLICIES, object: { ...policy, status: { ...status, observedGeneration: generation, typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings } } }, why: 'its expressions were looked at' }] };
    },
  };
}

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

export function expressionWarnings(policy: KubeObject, find: FindSubject): readonly ExpressionWarning[] {
  const { matchConstraints, validations = [] } = (policy['spec'] ?? {}) as Spec;
  const subjects = (matchConstraints?.resourceRules ?? []).flatMap((rule) => subjectsOf(rule, find));
  const kinds = [...new Map(subjects.map((each) => [each.title, each])).values()].slice(0, MOST_TYPES);
  const expressions = validations.flatMap(({ expression = '', messageExpression = '' }, index) => [[`spec.validations[${index}].expression`, expression], [`spec.validations[${index}].messageExpression`, messageExpression]] as const).filter(([, text]) => text !== '');
  return expressions.flatMap(([fieldRef, text]) => {
    const faults = kinds.flatMap(({ title, schema }) => {
      const fault = policyTypeFault(text, schema);
      return fault === undefined ? [] : [`${title}: ERROR: ${fault}`];
    });
    return faults.length === 0 ? [] : [{ fieldRef, warning: faults.join('\n') }];
  });
}

/** What a star stands for is anything: nothing is known of its fields. */
function subjectsOf({ apiGroups = [], apiVersions = [], resources = [] }: Rule, find: FindSubject): readonly (PolicySubject & { readonly title: string })[] {
  return apiGroups.flatMap((group) => apiVersions.flatMap((version) => resources.flatMap((resource) => {
    if ([group, version, resource].some((each) => each.includes('*')) || resource.includes('/')) return [];
    const found = find(group, version, resource);
    return found === undefined ? [] : [{ ...found, title: `${group === '' ? version : `${group}/${version}`}, Kind=${found.kind}` }];
  })));
}
