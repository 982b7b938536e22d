import type { IncomingMessage } from 'node:http';
import { GantryError } from '#base/error.ts';

const LARGEST_BODY = 4 * 1024 * 1024;
/** A JSON body that isn't there by then never comes. */
const PATIENCE_MS = 30_000;

/**
 * A JSON body as text. Of a request with an upgrade, Node gives the body with the bytes after the head up to
 * version 25, and as the message's body from 26 on.
 */
export async function readBody(req: IncomingMessage, head: Uint8Array): Promise<string> {
  const length = Number(req.headers['content-length'] ?? 0);
  if (length > LARGEST_BODY) throw tooLarge();
  if (head.length > 0 && head.length >= length) return new TextDecoder().decode(head.subarray(0, length));
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
  } finally {
    clearTimeout(timer);
  }
}

/** What came after the head of an upgrade, less the body. */
export function bytesAfterBody(req: IncomingMessage, head: Uint8Array): Uint8Array {
  const length = Number(req.headers['content-length'] ?? 0);
  return head.length >= length ? head.subarray(length) : head;
}

function tooLarge(): GantryError {
  return new GantryError('too-large', `the body of the request is larger than ${LARGEST_BODY / 1024 / 1024} MiB`);
}
