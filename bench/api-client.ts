import { Agent, request, type IncomingMessage } from 'node:http';

/** A program that speaks Docker's API and stays: what it measures has no start of a client in it. */
export interface ApiClient {
  /** Sends a request and answers as soon as the head of the response is there. Throws with what the engine said when it refuses. */
  readonly open: (method: string, path: string, body?: unknown) => Promise<IncomingMessage>;
  /** Sends a request and answers with the JSON in its response, or `undefined` when that is empty. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly close: () => void;
}

/** Connections are kept and used again, as the engines allow. */
export function apiClient(socketPath: string): ApiClient {
  const agent = new Agent({ keepAlive: true });
  const open: ApiClient['open'] = async (method, path, body) => {
    const response = await send(agent, socketPath, method, path, body);
    if ((response.statusCode ?? 500) < 400) return response;
    throw new Error(`${method} ${path} was answered with ${response.statusCode}: ${(await readAll(response)).trim()}`);
  };
  return {
    open,
    call: async (method, path, body) => parse(await readAll(await open(method, path, body))),
    close: () => agent.destroy(),
  };
}

/** Reads a response to its end. */
export async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** JSON, or nothing. Throws when it is neither. */
export function parse(text: string): unknown {
  return text.trim() === '' ? undefined : JSON.parse(text);
}

function send(agent: Agent, socketPath: string, method: string, path: string, body: unknown): Promise<IncomingMessage> {
  const bytes = body === undefined ? '' : JSON.stringify(body);
  const headers = { 'content-length': String(Buffer.byteLength(bytes)), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  return new Promise((resolve, reject) => {
    // The host is there because HTTP wants one; engines do not look at it.
    request({ agent, socketPath, method, path, headers: { host: 'engine', ...headers } }, resolve).on('error', reject).end(bytes);
  });
}
