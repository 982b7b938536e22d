import type { Json, JsonObject } from '#base/json.ts';
import { invalidValue, notSupported } from '#cluster/kinds/kind-rules.ts';
import { timeText, type KubeObject } from '#cluster/kinds/object.ts';
import { defineResource, type ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { json, type User } from '../api-request.ts';
import type { SubresourceHandler } from '../api-server.ts';
import type { ObjectView } from '../object-view.ts';
import { readBody } from '../read-body.ts';
import { badRequest, forbidden, invalid, methodNotSupported, notFound } from '../refusals.ts';
import { StatusError } from '../status.ts';
import { reviewed, textIn, userInfo } from './access-reviews.ts';
import { nodeOf } from './node-graph.ts';
import { nodeOfUser } from './node-rights.ts';
import { ISSUER, type ServiceAccountTokens, type TokenWish } from './service-account-tokens.ts';

const REQUEST = defineResource('authentication.k8s.io/v1', 'TokenRequest');
const REVIEW = defineResource('authentication.k8s.io/v1', 'TokenReview');
const ACCOUNTS = defineResource('v1', 'ServiceAccount');
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;
const BOUND: Readonly<Record<string, { readonly kind: 'pod' | 'secret' | 'node'; readonly of: ResourceDefinition }>> = {
  Pod: { kind: 'pod', of: defineResource('v1', 'Pod') }, Secret: { kind: 'secret', of: defineResource('v1', 'Secret') }, Node: { kind: 'node', of: defineResource('v1', 'Node', { cluster: true }) },
};

/** `serviceaccounts/token`, what `kubectl create token` asks for (`authentication.v1.TokenRequest`), and `TokenReview`. */
export function tokenRequests(tokens: ServiceAccountTokens, view: ObjectView, schemas: SchemaSet): readonly (readonly [string, SubresourceHandler])[] {
  const create: SubresourceHandler = async ({ namespace, name = '' }, request) => {
    if (request.method !== 'POST') throw methodNotSupported(ACCOUNTS, request.method.toLowerCase());
    const account = view.get('serviceaccounts', namespace, name);
    if (account === undefined) throw notFound(ACCOUNTS, name);
    const given = objectIn(readBody(schemas, request.contentType, await request.body()), 'spec');
    const wish = wishOf(view, account, given);
    checkNode(request.user, account, wish);
    const { token, expiresMs } = await tokens.issue(account, wish);
    const { boundObjectRef } = given;
    return json(201, {
      kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: { name, namespace: namespace ?? '', creationTimestamp: timeText(expiresMs - wish.seconds * 1000) },
      spec: { audiences: [...wish.audiences], expirationSeconds: wish.seconds, boundObjectRef: boundObjectRef ?? null }, status: { token, expirationTimestamp: timeText(expiresMs) },
    });
  };
  const review: SubresourceHandler = async (_target, request) => await reviewed(REVIEW, schemas, request, async (spec) => {
    const token = textIn(spec, 'token');
    if (token === '') throw badRequest('token is required for TokenReview in authentication');
    const asked = textsIn(spec, 'audiences');
    const found = await tokens.authenticate(token, asked.length === 0 ? [ISSUER] : asked);
    return found === undefined ? { user: {}, error: '[invalid bearer token]' } : { authenticated: true, user: userInfo(found.user), audiences: [...found.audiences] };
  });
  return [['/serviceaccounts/token', create], ['authentication.k8s.io/tokenreviews', review]];
}

/** A node has tokens of its own pods, and no other's. @throws StatusError forbidden */
function checkNode(user: User, account: KubeObject, { bound }: TokenWish): void {
  const node = nodeOfUser(user);
  if (node === undefined) return;
  const { name } = account.metadata;
  if (bound?.kind !== 'pod') throw forbidden(ACCOUNTS, name, 'node requested token not bound to a pod');
  if (nodeOf(bound.object) !== node) throw forbidden(ACCOUNTS, name, 'node requested token bound to a pod scheduled on a different node');
}

function wishOf(view: ObjectView, account: KubeObject, spec: JsonObject): TokenWish {
  const seconds = typeof spec['expirationSeconds'] === 'number' ? spec['expirationSeconds'] : DEFAULT_SECONDS;
  if (seconds < SHORTEST_SECONDS) throw invalid(REQUEST, '', [invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')]);
  if (seconds > LONGEST_SECONDS) throw invalid(REQUEST, '', [invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')]);
  const audiences = textsIn(spec, 'audiences');
  const reference = objectIn(spec, 'boundObjectRef');
  const kind = textIn(reference, 'kind');
  return { audiences: audiences.length === 0 ? [ISSUER] : audiences, seconds, ...(kind === '' ? {} : { bound: boundTo(view, account, kind, reference) }) };
}

function boundTo(view: ObjectView, account: KubeObject, kind: string, reference: JsonObject): NonNullable<TokenWish['bound']> {
  const bound = Object.hasOwn(BOUND, kind) ? BOUND[kind] : undefined;
  if (bound === undefined) throw invalid(REQUEST, '', [notSupported('spec.boundObjectRef.kind', kind, Object.keys(BOUND))]);
  const name = textIn(reference, 'name');
  const object = view.get(bound.of.plural, bound.of.namespaced ? account.metadata.namespace : undefined, name);
  if (object === undefined) throw notFound(bound.of, name);
  const uid = textIn(reference, 'uid');
  if (uid !== '' && uid !== object.metadata.uid) throw new StatusError('conflict', `Operation cannot be fulfilled on ${bound.of.plural} ${JSON.stringify(name)}: the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`, { name, resource: bound.of.plural });
  const user = textIn((object['spec'] ?? {}) as JsonObject, 'serviceAccountName');
  if (bound.kind === 'pod' && user !== account.metadata.name) throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`);
  return { kind: bound.kind, object };
}

function objectIn(value: JsonObject, name: string): JsonObject {
  const found = value[name];
  return found !== null && typeof found === 'object' && !Array.isArray(found) ? found as JsonObject : {};
}

function textsIn(value: JsonObject, name: string): readonly string[] {
  const found = value[name];
  return Array.isArray(found) ? (found as readonly Json[]).filter((each): each is string => typeof each === 'string') : [];
}
