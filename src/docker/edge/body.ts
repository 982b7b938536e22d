import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GantryError } from '#base/error.ts';

const LARGEST_BODY = 4 * 1024 * 1024;
/** A JSON body that isn't there by then never comes. */
const PATIENCE_MS = 30_000;

/** A connection that leaves HTTP with its request. */
export interface Upgrade {
  readonly socket: Duplex;
  /** The body, where it did not come with the message. */
  readonly body: Uint8Array | undefined;
  /** What came after the request: the first of the stream. */
  readonly early: Uint8Array;
}

/** Of a request with an upgrade, Node gives the body as the message's from version 26 on, and before that in front of what follows the head. */
export function splitUpgrade(req: IncomingMessage, socket: Duplex, head: Uint8Array): Upgrade {
  const length = Number(req.headers['content-length'] ?? 0);
  const isInHead = length > 0 && head.length > 0 && req.readableLength === 0;
  return isInHead ? { socket, body: head.subarray(0, length), early: head.subarray(length) } : { socket, body: undefined, early: head };
}

/** A JSON body as text. No program, path or name can hold a NUL, so a string that does is refused wherever it stands. */
export async function readBody(req: IncomingMessage, given: Uint8Array | undefined): Promise<string> {
  const text = await readText(req, given);
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) throw new GantryError('invalid', 'invalid JSON: a string holds a NUL byte');
  return text;
}

async function readText(req: IncomingMessage, given: Uint8Array | undefined): Promise<string> {
  if (Number(req.headers['content-length'] ?? 0) > LARGEST_BODY) throw tooLarge();
  if (given !== undefined) return new TextDecoder().decode(given);
  const timer = setTimeout(() => req.destroy(new GantryError('interrupted', `the body of the request did not come within ${PATIENCE_MS / 1000} seconds`)), PATIENCE_MS);
  try {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of req as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > LARGEST_BODY) throw tooLarge();
      pieces.push(piece);
    }
    return (pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))?.toString('utf8') ?? '';
  } catch (thrown) {
    if (thrown instanceof GantryError) throw thrown;
    throw new GantryError('interrupted', 'the client went away before the body of its request had come', { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(): GantryError {
  return new GantryError('too-large', `the body of the request is larger than ${LARGEST_BODY / 1024 / 1024} MiB`);
}
