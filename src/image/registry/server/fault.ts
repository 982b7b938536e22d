import { GantryError, messageOf, type ErrorKind } from '#base/error.ts';
import { jsonReply, type RegistryReply } from './exchange.ts';

/** Codes of the distribution spec, "Error Codes", with the status each comes with. */
const STATUS = {
  BLOB_UNKNOWN: 404, BLOB_UPLOAD_INVALID: 400, BLOB_UPLOAD_UNKNOWN: 404, DIGEST_INVALID: 400, MANIFEST_BLOB_UNKNOWN: 404, MANIFEST_INVALID: 400, MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400, NAME_UNKNOWN: 404, SIZE_INVALID: 400, UNAUTHORIZED: 401, DENIED: 403, UNSUPPORTED: 405, TOOMANYREQUESTS: 429, RANGE_INVALID: 416, TAG_INVALID: 400,
  UNKNOWN: 500, UNAVAILABLE: 503,
} as const;

export type FaultCode = keyof typeof STATUS;

export function faultReply(code: FaultCode, message: string, headers: Readonly<Record<string, string>> = {}, status: number = STATUS[code]): RegistryReply {
  return jsonReply(status, { errors: [{ code, message, detail: null }] }, headers);
}

/** A refusal with its code, thrown where it is found. */
export class Fault extends GantryError {
  readonly code: FaultCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: FaultCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(STATUS[code] === 404 ? 'not-found' : 'invalid', message);
    this.code = code;
    this.headers = headers;
  }
}

const OF_KIND: Partial<Readonly<Record<ErrorKind, readonly [FaultCode, number]>>> = {
  invalid: ['DIGEST_INVALID', 400], 'not-found': ['BLOB_UNKNOWN', 404], 'too-large': ['SIZE_INVALID', 413], conflict: ['BLOB_UPLOAD_INVALID', 409],
  unauthorized: ['UNAUTHORIZED', 401], forbidden: ['DENIED', 403], unimplemented: ['UNSUPPORTED', 405], unavailable: ['UNAVAILABLE', 503], exhausted: ['UNAVAILABLE', 507],
};

/** Anything thrown, as a client of a registry reads it. What is no refusal of ours is told without its words. */
export function replyOfError(thrown: unknown): RegistryReply {
  if (thrown instanceof Fault) return faultReply(thrown.code, thrown.message, thrown.headers);
  const known = thrown instanceof GantryError ? OF_KIND[thrown.kind] : undefined;
  return known === undefined ? faultReply('UNKNOWN', 'the registry failed: its log says why') : faultReply(known[0], messageOf(thrown), {}, known[1]);
}
