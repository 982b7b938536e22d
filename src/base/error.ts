/**
 * The one error taxonomy. Every wire renders it once: Docker as `{message}` with a status,
 * Kubernetes as `Status`, the registry as `{errors: [...]}`.
 */
export type ErrorKind =
  | 'invalid' // the request makes no sense: 400
  | 'unauthorized' // who are you: 401
  | 'forbidden' // you may not: 403
  | 'not-found' // 404
  | 'conflict' // the present state forbids it: 409
  | 'not-modified' // it is so already: 304
  | 'too-large' // a bound was exceeded: 413
  | 'exhausted' // disk, memory, addresses, ports: 500, 507 where a wire has it
  | 'unavailable' // not now, or not on this machine: 503
  | 'unimplemented' // 501
  | 'interrupted' // the caller went away or the deadline passed
  | 'internal'; // our fault, or the kernel's: 500

export interface ErrorDetail {
  /** The thing that it happened to, as its user names it: `container web`, `image nginx:latest`. */
  readonly subject?: string;
  /** What to do next, as a sentence or a command. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class GantryError extends Error {
  override readonly name = 'GantryError';
  readonly kind: ErrorKind;
  readonly subject: string | undefined;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.kind = kind;
    this.subject = detail.subject;
    this.hint = detail.hint;
  }
}

export function isKind(error: unknown, ...kinds: readonly ErrorKind[]): error is GantryError {
  return error instanceof GantryError && kinds.includes(error.kind);
}

/** The message of anything thrown, for a person. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new GantryError('internal', `unreachable case: ${JSON.stringify(value)}`);
}
