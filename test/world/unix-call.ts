import { request } from 'node:http';

/** One request to a daemon's socket, with its whole answer. */
export function httpCall(socketPath: string, method: string, path: string, body?: Uint8Array, headers: Record<string, string> = {}): Promise<{ readonly status: number; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, headers: { ...(body === undefined ? {} : { 'content-length': String(body.length), 'content-type': 'application/x-tar' }), ...headers } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}
