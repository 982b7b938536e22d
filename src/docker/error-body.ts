import { GantryError, messageOf, type ErrorKind } from '#base/error.ts';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'not-modified': 304,
  'too-large': 413,
  exhausted: 500,
  unavailable: 503,
  unimplemented: 501,
  interrupted: 500,
  internal: 500,
};

export interface ErrorReply {
  readonly status: number;
  readonly message: string;
}

/** Clients look for these anywhere in a message, or print it after words of their own: a hint would only be in the way. */
const MATCHED = /^(No such |Conflict\. |client version |invalid JSON|network .* not found|This node is not a swarm manager)/;

/** A message may name what the client sent, which may be megabytes. */
const LONGEST = 4096;

function shorten(message: string): string {
  return message.length <= LONGEST ? message : `${message.slice(0, LONGEST)}...`;
}

/** Anything thrown, as the API tells it. Messages that clients match stay as they are; others get their hint. */
export function errorReply(thrown: unknown): ErrorReply {
  if (!(thrown instanceof GantryError)) return { status: 500, message: shorten(messageOf(thrown)) };
  const { hint } = thrown;
  const message = shorten(thrown.message);
  const status = STATUS[thrown.kind];
  return { status, message: hint === undefined || MATCHED.test(message) ? message : `${message}: ${hint}` };
}
