import type { Json, JsonObject } from '#base/json.ts';
import { forbidden as forbiddenField, invalidValue } from '#cluster/kinds/kind-rules.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { userInfo } from '../access/access-reviews.ts';
import type { Authorizer } from '../access/authorizer.ts';
import type { AdmissionOptions, AdmissionPlugin } from '../admission.ts';
import { forbidden, invalid } from '../refusals.ts';
import { same } from '../same.ts';
import { objectOf, objectsOf, textOf } from './pod-spec.ts';

/** For the API itself: who has one of these is who it says. */
export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const PRIVILEGED = 'system:masters';
const DECISIONS = ['Approved', 'Denied'];

/** Whom a request for a certificate is about. */
export interface CertificateSubject {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Reads a PKCS #10 request in PEM; undefined where it is none, or is not signed by its own key. */
export type ReadCertificateRequest = (pem: string) => Promise<CertificateSubject | undefined>;

/**
 * Who asks for a certificate is written down by the server, and who may decide on one is who may do so for its signer
 * (kubernetes.io, "Certificates and Certificate Signing Requests").
 */
export function certificateRequests(authorizer: Authorizer, read: ReadCertificateRequest): AdmissionPlugin {
  const checkMay = (verb: 'approve' | 'sign', of: ResourceDefinition, request: KubeObject, { requester }: AdmissionOptions): void => {
    const signer = textOf(specOf(request)['signerName']);
    const action = { kind: 'resource', verb, group: of.group, version: 'v1', resource: 'signers', subresource: '', namespace: '' } as const;
    if (requester === undefined || [signer, `${signer.split('/')[0]}/*`].some((name) => authorizer.decide(requester, { ...action, name }).allowed)) return;
    throw forbidden(of, request.metadata.name, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`);
  };
  return {
    name: 'CertificateRequests',
    async create(of, object, { requester }) {
      if (!isRequest(of) || requester === undefined) return object;
      const spec = specOf(object);
      const subject = await read(new TextDecoder().decode(bytesOf(textOf(spec['request']))));
      if (subject === undefined) throw invalid(of, object.metadata.name, [invalidValue('spec.request', '<bytes>', 'PEM block type must be CERTIFICATE REQUEST, and the request signed by its own key')]);
      if (spec['signerName'] === CLIENT_SIGNER && subject.groups.includes(PRIVILEGED)) throw forbidden(of, object.metadata.name, `use of ${CLIENT_SIGNER} signer with ${PRIVILEGED} group is not allowed`);
      const { uid: _uid, extra: _extra, ...rest } = spec;
      return asObject({ ...asJson(object), spec: { ...rest, ...userInfo(requester) } });
    },
    async update(of, object, old, options) {
      if (!isRequest(of)) return object;
      if (options.subresource === undefined) return { ...object, spec: old['spec'] };
      checkConditions(of, object, old);
      if (!same(decisionsOf(object), decisionsOf(old))) checkMay('approve', of, object, options);
      if (!same(signedPart(object), signedPart(old))) checkMay('sign', of, object, options);
      return object;
    },
  };
}

const isRequest = ({ group, plural }: ResourceDefinition): boolean => group === 'certificates.k8s.io' && plural === 'certificatesigningrequests';
const specOf = (request: KubeObject): JsonObject => objectOf(request['spec'] as Json | undefined);
const statusOf = (request: KubeObject): JsonObject => objectOf(request['status'] as Json | undefined);
const typesOf = (request: KubeObject): readonly string[] => objectsOf(statusOf(request)['conditions']).map(({ type }) => textOf(type));
const decisionsOf = (request: KubeObject): readonly string[] => typesOf(request).filter((type) => DECISIONS.includes(type)).toSorted();
const signedPart = (request: KubeObject): JsonObject => ({ certificate: statusOf(request)['certificate'] ?? null, failed: typesOf(request).includes('Failed') });

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return new Uint8Array();
  }
}

/** A decision stays, and there is one. */
function checkConditions(of: ResourceDefinition, request: KubeObject, old: KubeObject): void {
  const lost = typesOf(old).filter((type) => !typesOf(request).includes(type));
  const faults = [
    ...lost.map((type) => forbiddenField('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`)),
    ...(decisionsOf(request).length > 1 ? [invalidValue('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive')] : []),
  ];
  if (faults.length > 0) throw invalid(of, request.metadata.name, faults);
}
