import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { isKind } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { TokenProjection } from '#cluster/agent/volumes.ts';
import { accessReviews } from '#cluster/api/access/access-reviews.ts';
import { Authorizer } from '#cluster/api/access/authorizer.ts';
import { escalationCheck } from '#cluster/api/access/escalation-check.ts';
import { NodeGraph } from '#cluster/api/access/node-graph.ts';
import { RequestGuard } from '#cluster/api/access/request-guard.ts';
import { ROLE_RESOURCES } from '#cluster/api/access/role-resolver.ts';
import { ISSUER, ServiceAccountTokens } from '#cluster/api/access/service-account-tokens.ts';
import { tokenRequests } from '#cluster/api/access/token-requests.ts';
import { anonymous } from '#cluster/api/access/users.ts';
import { certificateRequests } from '#cluster/api/admission/certificate-requests.ts';
import { defaultTolerations } from '#cluster/api/admission/default-tolerations.ts';
import { limitRanger } from '#cluster/api/admission/limit-ranger.ts';
import { nodeRestriction } from '#cluster/api/admission/node-restriction.ts';
import { podSecurity } from '#cluster/api/admission/pod-security/pod-security.ts';
import { RUNTIME_CLASSES, runtimeClassAdmission } from '#cluster/api/admission/runtime-class.ts';
import { podResources } from '#cluster/api/admission/pod-resources.ts';
import { priorityAdmission } from '#cluster/api/admission/priority.ts';
import { resourceQuota, type QuotaParts } from '#cluster/api/admission/resource-quota.ts';
import { serviceAccountAdmission } from '#cluster/api/admission/service-account.ts';
import { findParameters } from '#cluster/api/admission/policy-parameters.ts';
import type { FindParameters } from '#cluster/api/admission/bound-policy.ts';
import { MUTATING_POLICY_RESOURCES, mutatingPolicies } from '#cluster/api/admission/mutating-policy.ts';
import { POLICY_RESOURCES, validatingPolicies } from '#cluster/api/admission/validating-policy.ts';
import type { AdmissionPlugin, Mutator } from '#cluster/api/admission.ts';
import type { User } from '#cluster/api/api-request.ts';
import type { SubresourceHandler } from '#cluster/api/api-server.ts';
import { userOfSubject } from '#cluster/api/client-certificate-user.ts';
import { notFound } from '#cluster/api/refusals.ts';
import { StatusError } from '#cluster/api/status.ts';
import type { AuthorizerPort } from '#cluster/kinds/custom/expression-authorizer.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ClusterCore } from './cluster-core.ts';
import { readCertificateRequest } from './pki.ts';
import { openTokenKeys } from './token-keys.ts';

/** Resources that have to be at hand. */
const READS = [...Object.values(ROLE_RESOURCES), 'scheduling.k8s.io/priorityclasses', RUNTIME_CLASSES, 'limitranges', 'namespaces', 'nodes', 'persistentvolumes', 'pods', 'resourcequotas', 'secrets', 'serviceaccounts', 'storage.k8s.io/volumeattachments', ...POLICY_RESOURCES, ...MUTATING_POLICY_RESOURCES];

/** Who is who in a cluster, and who may do what. */
export interface Access {
  readonly guard: RequestGuard;
  readonly plugins: readonly AdmissionPlugin[];
  /** Policies that change what is written. */
  readonly mutator: Mutator;
  readonly decide: AuthorizerPort;
  readonly special: readonly (readonly [string, SubresourceHandler])[];
  /** Documents for those who check tokens themselves (OpenID Connect Discovery 1.0). */
  readonly documents: ReadonlyMap<string, JsonObject>;
  /** @throws StatusError unauthorized */
  authenticate(incoming: IncomingMessage, socket: TLSSocket | undefined): Promise<User>;
  /** A token for a pod's volume. @throws StatusError not-found where the account is gone */
  podToken(pod: KubeObject, wanted: TokenProjection): Promise<string>;
}

export async function openAccess({ root, view, schemas, fields, objects, registry, writer, resource, runtime, clock, timers, random }: ClusterCore): Promise<Access> {
  const graph = new NodeGraph();
  runtime.cache('pods').onChange((pod, previous) => graph.take(pod, previous));
  const authorizer = new Authorizer(view, graph);
  const decide: AuthorizerPort = (user, action) => authorizer.decide(user, action);
  const keys = await openTokenKeys(root);
  const charge: QuotaParts['charge'] = async ({ metadata }, mutation, dryRun) => void await writer.update(resource('resourcequotas'), metadata.namespace, metadata.name, 'status', mutation, { dryRun, user: 'system:apiserver' }).catch(ignoreMissing);
  const find: FindParameters = async (kind, reference, namespace) => await findParameters(objects, registry, kind, reference, namespace);
  for (const name of READS) runtime.cache(name);
  const tokens = new ServiceAccountTokens({ view, signer: keys, clock, random });
  return {
    guard: new RequestGuard(authorizer), decide, mutator: mutatingPolicies({ view, schemas, fields, find, authorizer: decide }), plugins: [
      nodeRestriction(), escalationCheck(authorizer, view), certificateRequests(authorizer, readCertificateRequest), limitRanger(view), serviceAccountAdmission({ view, timers, random }), priorityAdmission(view), runtimeClassAdmission(view), defaultTolerations, podResources, podSecurity(view), validatingPolicies(view, find, decide), resourceQuota({ view, charge }),
    ],
    special: [...accessReviews(authorizer, schemas), ...tokenRequests(tokens, view, schemas)],
    documents: new Map([['/.well-known/openid-configuration', DISCOVERY], ['/openid/v1/jwks', keys.keySet]]),
    authenticate: async (incoming, socket) => userOfCertificate(socket) ?? await userOfToken(tokens, incoming.headers.authorization) ?? anonymous,
    podToken: async (pod, { audience = '', expirationSeconds = 3600 }) => {
      const { serviceAccountName: name = 'default' } = pod['spec'] as { readonly serviceAccountName?: string };
      const account = view.get('serviceaccounts', pod.metadata.namespace, name);
      if (account === undefined) throw notFound({ group: '', plural: 'serviceaccounts', kind: 'ServiceAccount' }, name);
      return (await tokens.issue(account, { audiences: [audience === '' ? ISSUER : audience], seconds: expirationSeconds, bound: { kind: 'pod', object: pod } })).token;
    },
  };
}

function ignoreMissing(thrown: unknown): void {
  if (!isKind(thrown, 'not-found')) throw thrown;
}

const DISCOVERY: JsonObject = {
  issuer: ISSUER, jwks_uri: `${ISSUER}/openid/v1/jwks`, response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
};

/** A connection's certificate never changes, and reading it costs as much as a small request. */
const usersOfConnections = new WeakMap<TLSSocket, User>();

function userOfCertificate(socket: TLSSocket | undefined): User | undefined {
  if (socket?.authorized !== true) return undefined;
  const known = usersOfConnections.get(socket);
  if (known !== undefined) return known;
  const { subject } = socket.getPeerCertificate();
  const user = subject === undefined ? undefined : userOfSubject(subject as Parameters<typeof userOfSubject>[0]);
  if (user !== undefined) usersOfConnections.set(socket, user);
  return user;
}

/** RFC 6750, 2.1. A token that is wrong makes nobody anonymous. */
async function userOfToken(tokens: ServiceAccountTokens, header: string | undefined): Promise<User | undefined> {
  const [, token] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
  if (token === undefined) return undefined;
  const found = await tokens.authenticate(token);
  if (found === undefined) throw new StatusError('unauthorized', 'Unauthorized');
  return found.user;
}
