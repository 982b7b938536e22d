import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { GantryError, messageOf } from '#base/error.ts';
import type { WebhookCaller, WebhookTarget } from '../admission/webhooks/webhook-port.ts';
import { KeptAgents } from './kept-agents.ts';

/** As much as a request may have. */
const LARGEST_ANSWER = 3 * 1024 * 1024;
/** Connections to one webhook at a time. */
const MOST_SOCKETS = 32;

/** Asks webhooks over TLS: no redirects are followed, and what takes too long or says too much is cut off. */
export class WebhookClient implements WebhookCaller {
  readonly #agents = new KeptAgents({ maxSockets: MOST_SOCKETS });

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
    this.#agents.close();
  }

  async #post(target: WebhookTarget, body: string, deadline: number, timeoutMs: number): Promise<Uint8Array> {
    const { host, port, serverName, path, url } = target;
    const asked = `${path}${path.includes('?') ? '&' : '?'}timeout=${timeoutMs / 1000}s`;
    const failed = (why: string, cause?: unknown): GantryError => new GantryError('unavailable', `Post "${url}${url.includes('?') ? '&' : '?'}timeout=${timeoutMs / 1000}s": ${why}`, { cause });
    return await new Promise<Uint8Array>((resolve, reject) => {
      const sent = request({
        agent: this.#agents.of(target), host, port, path: asked, method: 'POST', servername: isAddress(serverName) ? '' : serverName,
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
