import type { Json, JsonObject } from '#base/json.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { required, type FieldFault } from '#cluster/kinds/kind-rules.ts';
import { defineResource, type ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { json, type ApiRequest, type ApiResponse, type User } from '../api-request.ts';
import type { SubresourceHandler } from '../api-server.ts';
import { readBody } from '../read-body.ts';
import { badRequest, invalid, methodNotSupported } from '../refusals.ts';
import type { Authorizer } from './authorizer.ts';
import type { Action } from './policy-rule.ts';

const AUTHORIZATION = 'authorization.k8s.io';
const SELF = defineResource(`${AUTHORIZATION}/v1`, 'SelfSubjectAccessReview');
const SUBJECT = defineResource(`${AUTHORIZATION}/v1`, 'SubjectAccessReview');
const LOCAL = defineResource(`${AUTHORIZATION}/v1`, 'LocalSubjectAccessReview');

/** Kinds that are questions: `kubectl auth can-i` and `auth whoami` (kubernetes.io, "Authorization", Checking API access). */
export function accessReviews(authorizer: Authorizer, schemas: SchemaSet): readonly (readonly [string, SubresourceHandler])[] {
  const handler = (of: ResourceDefinition, answer: (spec: JsonObject, request: ApiRequest, namespace: string) => JsonObject): readonly [string, SubresourceHandler] => [
    `${of.group}/${of.plural}`, async (target, request) => await reviewed(of, schemas, request, (spec) => answer(spec, request, target.namespace ?? '')),
  ];
  const decided = (user: User, spec: JsonObject, of: ResourceDefinition): JsonObject => {
    const { allowed, reason } = authorizer.decide(user, actionIn(of, spec));
    return { allowed, ...(reason === '' ? {} : { reason }) };
  };
  return [
    handler(SELF, (spec, { user }) => decided(user, spec, SELF)),
    handler(SUBJECT, (spec) => decided(subjectIn(SUBJECT, spec), spec, SUBJECT)),
    handler(LOCAL, (spec, _request, namespace) => {
      if (objectIn(spec, 'resourceAttributes')['namespace'] !== namespace) throw badRequest(`must use matching namespace: ${namespace}`);
      return decided(subjectIn(LOCAL, spec), spec, LOCAL);
    }),
    handler(defineResource(`${AUTHORIZATION}/v1`, 'SelfSubjectRulesReview'), (spec, { user }) => {
      const namespace = textIn(spec, 'namespace');
      if (namespace === '') throw badRequest('no namespace on request');
      return rulesStatus(authorizer, user, namespace);
    }),
    handler(defineResource('authentication.k8s.io/v1', 'SelfSubjectReview'), (_spec, { user }) => ({ userInfo: userInfo(user) })),
  ];
}

/** Answers a question: what was asked, and its status. */
export async function reviewed(of: ResourceDefinition, schemas: SchemaSet, request: ApiRequest, answer: (spec: JsonObject) => JsonObject | Promise<JsonObject>): Promise<ApiResponse> {
  if (request.method !== 'POST') throw methodNotSupported(of, request.method.toLowerCase());
  const { spec, metadata } = readBody(schemas, request.contentType, await request.body());
  const asked = isObject(spec) ? spec : {};
  return json(201, { kind: of.kind, apiVersion: joinApiVersion(of.group, of.version), metadata: isObject(metadata) ? metadata : {}, ...(isObject(spec) ? { spec } : {}), status: await answer(asked) });
}

/** `authentication.v1.UserInfo`. */
export function userInfo({ name, uid, groups, extra }: User): JsonObject {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups: [...groups], ...(extra === undefined || extra.size === 0 ? {} : { extra: Object.fromEntries([...extra].map(([key, values]) => [key, [...values]])) }) };
}

function actionIn(of: ResourceDefinition, spec: JsonObject): Action {
  const [resource, path] = [spec['resourceAttributes'], spec['nonResourceAttributes']];
  if (isObject(resource) && isObject(path)) throw refused(of, [{ reason: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', message: 'Invalid value: cannot be specified in combination with resourceAttributes' }]);
  if (isObject(path)) return { kind: 'path', verb: textIn(path, 'verb'), path: textIn(path, 'path') };
  if (!isObject(resource)) throw refused(of, [{ reason: 'FieldValueInvalid', field: 'spec.resourceAttributes', message: 'Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified' }]);
  return {
    kind: 'resource', verb: textIn(resource, 'verb'), group: textIn(resource, 'group'), version: textIn(resource, 'version'), resource: textIn(resource, 'resource'), subresource: textIn(resource, 'subresource'),
    namespace: textIn(resource, 'namespace'), name: textIn(resource, 'name'),
  };
}

function subjectIn(of: ResourceDefinition, spec: JsonObject): User {
  const groups = Array.isArray(spec['groups']) ? (spec['groups'] as readonly Json[]).filter((each): each is string => typeof each === 'string') : [];
  const name = textIn(spec, 'user');
  if (name === '' && groups.length === 0) throw refused(of, [required('spec.user', 'at least one of user or group must be specified')]);
  return { name, groups };
}

function rulesStatus(authorizer: Authorizer, user: User, namespace: string): JsonObject {
  const { rules, faults } = authorizer.rulesOf(user, namespace);
  const texts = (list: readonly string[] = []): string[] => [...list];
  return {
    resourceRules: rules.filter(({ resources = [] }) => resources.length > 0).map(({ verbs, apiGroups, resources, resourceNames = [] }) => ({ verbs: texts(verbs), apiGroups: texts(apiGroups), resources: texts(resources), ...(resourceNames.length === 0 ? {} : { resourceNames: texts(resourceNames) }) })),
    nonResourceRules: rules.filter(({ nonResourceURLs = [] }) => nonResourceURLs.length > 0).map(({ verbs, nonResourceURLs }) => ({ verbs: texts(verbs), nonResourceURLs: texts(nonResourceURLs) })),
    incomplete: false, ...(faults.length === 0 ? {} : { evaluationError: faults.join(', ') }),
  };
}

const refused = (of: ResourceDefinition, faults: readonly FieldFault[]): Error => invalid(of, '', faults);

export function textIn(value: JsonObject, name: string): string {
  const found = value[name];
  return typeof found === 'string' ? found : '';
}

function objectIn(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  return isObject(found) ? found : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
