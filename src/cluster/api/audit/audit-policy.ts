import { parse } from 'yaml';
import { GantryError, messageOf } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import type { Action } from '../access/policy-rule.ts';
import { coversPath } from '../access/policy-rule.ts';
import { isObject, objectsOf } from '../admission/pod-spec.ts';
import type { User } from '../api-request.ts';

export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof LEVELS)[number];
export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof STAGES)[number];

/** What of a request is told, and when. */
export interface AuditVerdict {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** `audit.k8s.io/v1` `PolicyRule`. */
interface AuditRule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly { readonly group: string; readonly resources: readonly string[]; readonly resourceNames: readonly string[] }[];
  readonly namespaces: readonly string[];
  readonly nonResourceURLs: readonly string[];
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean | undefined;
}

export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

const NOTHING: AuditVerdict = { level: 'None', omitStages: new Set(), omitManagedFields: false };
const API_VERSION = 'audit.k8s.io/v1';

/** Who did what to which object, and never what is in it: no secret and no token is in the log. Not what is asked all the time and changes nothing. */
export const DEFAULT_AUDIT_POLICY = `
apiVersion: ${API_VERSION}
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi/*", "/api", "/api/*", "/apis", "/apis/*"]
- level: None
  resources: [{ group: "", resources: [events] }, { group: events.k8s.io, resources: [events] }]
- level: Metadata
`;

/** Reads a policy in YAML or JSON (kubernetes.io, "Auditing"). @throws GantryError invalid, with the rule and the field */
export function readAuditPolicy(text: string): AuditPolicy {
  const policy = parsed(text);
  if (policy['apiVersion'] !== API_VERSION || policy['kind'] !== 'Policy') throw wrong(`is no ${API_VERSION} Policy, but ${JSON.stringify(policy['apiVersion'] ?? '')} ${JSON.stringify(policy['kind'] ?? '')}`);
  const rules = objectsOf(policy['rules']);
  if (rules.length === 0) throw wrong('has no rules: nothing would be told');
  return { rules: rules.map(ruleOf), omitStages: stagesIn(policy, 'omitStages'), omitManagedFields: policy['omitManagedFields'] === true };
}

/** By the first rule that is meant; without one, nothing is told. */
export function auditVerdict(policy: AuditPolicy, user: User, action: Action): AuditVerdict {
  const rule = policy.rules.find((each) => isMeant(each, user, action));
  if (rule === undefined || rule.level === 'None') return NOTHING;
  return { level: rule.level, omitStages: new Set([...policy.omitStages, ...rule.omitStages]), omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields };
}

function isMeant(rule: AuditRule, user: User, action: Action): boolean {
  const hasAny = (wanted: readonly string[], present: readonly string[]): boolean => wanted.length === 0 || wanted.some((each) => present.includes(each));
  if (!hasAny(rule.users, [user.name]) || !hasAny(rule.userGroups, user.groups) || !hasAny(rule.verbs, [action.verb])) return false;
  if (rule.namespaces.length > 0 || rule.resources.length > 0) return action.kind === 'resource' && hasAny(rule.namespaces, [action.namespace]) && (rule.resources.length === 0 || rule.resources.some((each) => covers(each, action)));
  return rule.nonResourceURLs.length === 0 || (action.kind === 'path' && rule.nonResourceURLs.some((pattern) => coversPath(pattern, action.path)));
}

function covers({ group, resources, resourceNames }: AuditRule['resources'][number], action: Action & { readonly kind: 'resource' }): boolean {
  if (group !== action.group) return false;
  if (resources.length === 0) return true;
  const { resource, subresource } = action;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return (resourceNames.length === 0 || resourceNames.includes(action.name)) && resources.some((each) => each === '*' || each === whole || (subresource !== '' && (each === `*/${subresource}` || each === `${resource}/*`)));
}

function ruleOf(rule: JsonObject, index: number): AuditRule {
  const at = `rules[${index}]`;
  const level = LEVELS.find((each) => each === rule['level']);
  if (level === undefined) throw wrong(`${at}.level: ${JSON.stringify(rule['level'] ?? '')} is none of ${LEVELS.join(', ')}`);
  const texts = (name: string): readonly string[] => textsIn(rule, name, at);
  const [nonResourceURLs, namespaces, resources] = [texts('nonResourceURLs'), texts('namespaces'), objectsOf(rule['resources'])];
  if (nonResourceURLs.length > 0 && (namespaces.length > 0 || resources.length > 0)) throw wrong(`${at}: a rule is about paths or about resources, not about both`);
  for (const url of nonResourceURLs) if (url !== '*' && (!url.startsWith('/') || url.slice(0, -1).includes('*'))) throw wrong(`${at}.nonResourceURLs: ${JSON.stringify(url)} does not begin with a slash, or has a star that is not at its end`);
  return {
    level, nonResourceURLs, namespaces, users: texts('users'), userGroups: texts('userGroups'), verbs: texts('verbs'), omitStages: stagesIn(rule, 'omitStages', at), omitManagedFields: typeof rule['omitManagedFields'] === 'boolean' ? rule['omitManagedFields'] : undefined,
    resources: resources.map((each) => ({ group: typeof each['group'] === 'string' ? each['group'] : '', resources: textsIn(each, 'resources', at), resourceNames: textsIn(each, 'resourceNames', at) })),
  };
}

function stagesIn(value: JsonObject, name: string, at = ''): readonly AuditStage[] {
  return textsIn(value, name, at).map((text) => {
    const stage = STAGES.find((each) => each === text);
    if (stage === undefined) throw wrong(`${at === '' ? '' : `${at}.`}${name}: ${JSON.stringify(text)} is none of ${STAGES.join(', ')}`);
    return stage;
  });
}

function textsIn(value: JsonObject, name: string, at: string): readonly string[] {
  const list = value[name];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || (list as readonly Json[]).some((each) => typeof each !== 'string')) throw wrong(`${at === '' ? '' : `${at}.`}${name} is no list of texts`);
  return list as readonly string[];
}

function parsed(text: string): JsonObject {
  let value: Json;
  try {
    value = parse(text, { maxAliasCount: 0 }) as Json;
  } catch (cause) {
    throw wrong(`is no YAML: ${messageOf(cause).split('\n', 1)[0] ?? ''}`);
  }
  if (!isObject(value)) throw wrong('is no object');
  return value;
}

const wrong = (what: string): GantryError => new GantryError('invalid', `the audit policy ${what}`);
