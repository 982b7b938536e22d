import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Of an error, what Docker's clients show. */
  readonly message: string | undefined;
}

export interface Ask {
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

function messageOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string' ? value.message : undefined;
  } catch {
    return undefined;
  }
}

/** One request over a unix socket. The path goes out as it is: nothing is normalised. */
export function ask(socketPath: string, method: string, path: string, { body, headers = {} }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isJson = typeof body === 'string';
    const sent: ClientRequest = request({ socketPath, method, path, agent: false, headers: { ...(isJson ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } : {}), ...headers } }, (answer: IncomingMessage) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, message: messageOf(text) }));
    });
    let answered = false;
    sent.once('response', () => (answered = true));
    // A daemon that has answered may close while the rest of a body is still on its way.
    sent.on('error', (error) => {
      if (!answered) reject(error);
    });
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) sent.end(body);
    else void pump(sent, body);
  });
}

/** The body of an answer to GET, as bytes. */
export function download(socketPath: string, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, agent: false }, (answer) => {
      if (answer.statusCode === 200) buffer(answer).then(resolve, reject);
      else reject(new Error(`GET ${path}: status ${answer.statusCode}`));
    });
    sent.on('error', reject).end();
  });
}

async function pump(sent: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of body) {
    if (sent.destroyed) return;
    if (!sent.write(piece)) await Promise.race([new Promise((resolve) => sent.once('drain', resolve)), new Promise((resolve) => sent.once('close', resolve))]);
  }
  sent.end();
}

/** Bytes as they are, and what comes back until the other side closes or so long has passed. */
export function exchangeRaw(socketPath: string, bytes: string | Uint8Array, limitMs = 500): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket: Socket = connect(socketPath, () => void socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), limitMs);
    socket.on('data', (data) => (heard += data.toString('latin1'))).on('close', () => {
      clearTimeout(timer);
      resolve(heard);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
  });
}
