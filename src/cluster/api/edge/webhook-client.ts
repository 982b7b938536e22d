import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { GantryError, messageOf } from '#base/error.ts';
import type { WebhookCaller, WebhookTarget } from '../admission/webhooks/webhook-port.ts';

/** As much as a request may have. */
const LARGEST_ANSWER = 3 * 1024 * 1024;
/** Connections to one webhook at a time, and webhooks whose connections are kept. */
const MOST_SOCKETS = 32;
const MOST_AGENTS = 64;
const IDLE_MS = 30_000;

/** Asks webhooks over TLS: no redirects are followed, and what takes too long or says too much is cut off. */
export class WebhookClient implements WebhookCaller {
  readonly #agents = new Map<string, Agent>();

  async call(target: WebhookTarget, body: string, timeoutMs: number): Promise<Uint8Array> {
    const deadline = performance.now() + timeoutMs;
    try {
      return await this.#post(target, body, deadline, timeoutMs);
    } catch (thrown) {
      // A connection that was kept, and that the other side closed meanwhile.
      if (!(thrown instanceof StaleConnection)) throw thrown;
      return await this.#post(target, body, deadline, timeoutMs);
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #post(target: WebhookTarget, body: string, deadline: number, timeoutMs: number): Promise<Uint8Array> {
    const { host, port, serverName, path, url } = target;
    const asked = `${path}${path.includes('?') ? '&' : '?'}timeout=${timeoutMs / 1000}s`;
    const failed = (why: string, cause?: unknown): GantryError => new GantryError('unavailable', `Post "${url}${url.includes('?') ? '&' : '?'}timeout=${timeoutMs / 1000}s": ${why}`, { cause });
    return await new Promise<Uint8Array>((resolve, reject) => {
      const sent = request({
        agent: this.#agentOf(target), host, port, path: asked, method: 'POST', servername: isAddress(serverName) ? '' : serverName,
        headers: { host: port === 443 ? serverName : `${serverName}:${port}`, 'content-type': 'application/json', accept: 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'kube-apiserver-admission' },
      });
      const timer = setTimeout(() => sent.destroy(failed('context deadline exceeded')), Math.max(1, deadline - performance.now()));
      sent.once('response', (response) => void read(response, failed).then(resolve, (thrown: unknown) => {
        sent.destroy();
        reject(thrown instanceof Error ? thrown : failed(String(thrown)));
      }));
      sent.once('error', (thrown: NodeJS.ErrnoException) => {
        if (thrown instanceof GantryError) reject(thrown);
        else reject(sent.reusedSocket && thrown.code === 'ECONNRESET' ? new StaleConnection() : failed(messageOf(thrown), thrown));
      });
      sent.once('close', () => clearTimeout(timer));
      sent.end(body);
    });
  }

  /** One for each place and authority: a connection is never shared with another's trust. */
  #agentOf({ host, port, serverName, authority }: WebhookTarget): Agent {
    const key = `${host} ${port} ${serverName} ${authority === undefined ? '' : createHash('sha256').update(authority).digest('hex')}`;
    const known = this.#agents.get(key) ?? new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, maxFreeSockets: 4, timeout: IDLE_MS, ...(authority === undefined ? {} : { ca: authority }) });
    this.#agents.delete(key);
    this.#agents.set(key, known);
    const [oldest] = this.#agents.keys();
    if (this.#agents.size > MOST_AGENTS && oldest !== undefined) {
      // Its requests under way go on: what is idle is let go of.
      for (const sockets of Object.values(this.#agents.get(oldest)?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy();
      this.#agents.delete(oldest);
    }
    return known;
  }
}

class StaleConnection extends GantryError {
  constructor() {
    super('unavailable', 'the connection was closed before the webhook was asked');
  }
}

async function read(response: IncomingMessage, failed: (why: string, cause?: unknown) => GantryError): Promise<Uint8Array> {
  const { statusCode = 0 } = response;
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > LARGEST_ANSWER) throw failed(`the answer has more than ${LARGEST_ANSWER} bytes`);
      pieces.push(piece);
    }
  } catch (thrown) {
    throw thrown instanceof GantryError ? thrown : failed(messageOf(thrown), thrown);
  }
  // Not what it says: it may be another's, and who asks sees the message.
  if (statusCode < 200 || statusCode > 299) throw failed(`the server responded with the status code ${statusCode}`);
  return Buffer.concat(pieces);
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');
