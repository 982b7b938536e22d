import { GantryError, type ErrorKind } from '#base/error.ts';

const KINDS: Readonly<Record<number, ErrorKind>> = {
  304: 'not-modified', 400: 'invalid', 401: 'unauthorized', 403: 'forbidden', 404: 'not-found', 409: 'conflict', 501: 'unimplemented', 503: 'unavailable',
};

/** The daemon refused. The message is docker's: `Error response from daemon: …`. */
export class ApiError extends GantryError {
  readonly status: number;

  constructor(status: number, body: string) {
    super(KINDS[status] ?? 'internal', `Error response from daemon: ${readMessage(status, body)}`);
    this.status = status;
  }
}

function readMessage(status: number, body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    if (typeof message === 'string') return message.trim();
  } catch {
    // Not JSON: a proxy or an old daemon. Its text is all there is to say.
  }
  const text = body.trim();
  return text === '' ? `the daemon answered with status ${status} and no reason` : text;
}
