import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { accessReviews } from '#cluster/api/access/access-reviews.ts';
import { Authorizer } from '#cluster/api/access/authorizer.ts';
import { escalationCheck } from '#cluster/api/access/escalation-check.ts';
import { RequestGuard } from '#cluster/api/access/request-guard.ts';
import { ROLE_RESOURCES } from '#cluster/api/access/role-resolver.ts';
import { anonymous } from '#cluster/api/access/users.ts';
import type { AdmissionPlugin } from '#cluster/api/admission.ts';
import type { User } from '#cluster/api/api-request.ts';
import type { SubresourceHandler } from '#cluster/api/api-server.ts';
import { userOfSubject } from '#cluster/api/client-certificate-user.ts';
import type { ObjectView } from '#cluster/api/object-view.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';

export interface AccessParts {
  readonly view: ObjectView;
  readonly schemas: SchemaSet;
}

/** Who is who in a cluster, and who may do what. */
export interface Access {
  readonly guard: RequestGuard;
  readonly plugins: readonly AdmissionPlugin[];
  readonly reviews: readonly (readonly [string, SubresourceHandler])[];
  /** Resources that have to be at hand. */
  readonly reads: readonly string[];
  /** @throws StatusError unauthorized */
  authenticate(incoming: IncomingMessage, socket: TLSSocket | undefined): Promise<User>;
}

export function openAccess({ view, schemas }: AccessParts): Access {
  const authorizer = new Authorizer(view);
  return {
    guard: new RequestGuard(authorizer), plugins: [escalationCheck(authorizer, view)], reviews: accessReviews(authorizer, schemas), reads: Object.values(ROLE_RESOURCES),
    authenticate: async (_incoming, socket) => userOfCertificate(socket) ?? anonymous,
  };
}

function userOfCertificate(socket: TLSSocket | undefined): User | undefined {
  if (socket?.authorized !== true) return undefined;
  const { subject } = socket.getPeerCertificate();
  return subject === undefined ? undefined : userOfSubject(subject as Parameters<typeof userOfSubject>[0]);
}
