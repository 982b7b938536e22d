import { GantryError, type ErrorKind } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';

/** One field of a request that is refused (`meta.v1.StatusCause`). */
export interface Cause {
  /** `FieldValueRequired`, `FieldValueInvalid`, ... */
  readonly reason: string;
  readonly message: string;
  /** `spec.containers[0].name` */
  readonly field?: string;
}

export interface StatusDetail {
  readonly reason?: string;
  readonly code?: number;
  readonly name?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** A refusal with what `meta.v1.Status` has beside the message. */
export class StatusError extends GantryError {
  readonly status: StatusDetail;

  constructor(kind: ErrorKind, message: string, status: StatusDetail = {}) {
    super(kind, message);
    this.status = status;
  }
}

/** Nothing can be made in a namespace that goes (`core.v1.NamespaceTerminatingCause`). */
export const NAMESPACE_TERMINATING = 'NamespaceTerminating';

export function hasCause(thrown: unknown, reason: string): boolean {
  return thrown instanceof StatusError && thrown.status.causes?.some((cause) => cause.reason === reason) === true;
}

const BY_KIND: Readonly<Record<ErrorKind, readonly [code: number, reason: string]>> = {
  invalid: [400, 'BadRequest'], unauthorized: [401, 'Unauthorized'], forbidden: [403, 'Forbidden'], 'not-found': [404, 'NotFound'],
  conflict: [409, 'Conflict'], 'not-modified': [304, ''], 'too-large': [413, 'RequestEntityTooLarge'], exhausted: [507, 'InsufficientStorage'],
  unavailable: [503, 'ServiceUnavailable'], unimplemented: [501, 'NotImplemented'], interrupted: [504, 'Timeout'], internal: [500, 'InternalError'],
};

/** Anything thrown as a `Status` object, with its code. */
export function renderStatus(thrown: unknown): { readonly code: number; readonly body: JsonObject } {
  const error = thrown instanceof GantryError ? thrown : new GantryError('internal', `Internal error occurred: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  const detail: StatusDetail = error instanceof StatusError ? error.status : {};
  const [kindCode, kindReason] = BY_KIND[error.kind];
  const code = detail.code ?? kindCode;
  const details: JsonObject = {
    ...(detail.name === undefined ? {} : { name: detail.name }), ...(detail.group === undefined || detail.group === '' ? {} : { group: detail.group }),
    ...(detail.resource === undefined ? {} : { kind: detail.resource }), ...(detail.uid === undefined ? {} : { uid: detail.uid }),
    ...(detail.causes === undefined ? {} : { causes: detail.causes.map((cause) => ({ ...cause })) }),
    ...(detail.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: detail.retryAfterSeconds }),
  };
  return {
    code,
    body: {
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: error.message, reason: detail.reason ?? kindReason,
      ...(Object.keys(details).length === 0 ? {} : { details }), code,
    },
  };
}
