import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Exchanged } from './check-exchange.ts';

export interface Call {
  /** Sent as JSON where it is neither text nor bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Go after so long, with what has come by then: for answers that never end. */
  readonly forMs?: number;
}

const PATIENCE_MS = 30_000;

/** Speaks to one engine over its socket, and gives each answer to a listener. */
export class ContractClient {
  readonly #socketPath: string;
  readonly #heard: (exchanged: Exchanged) => void;

  constructor(socketPath: string, heard: (exchanged: Exchanged) => void) {
    this.#socketPath = socketPath;
    this.#heard = heard;
  }

  /** @param path without the version */
  async call(method: string, path: string, call: Call = {}): Promise<Exchanged> {
    const exchanged = await this.#exchange(method, `/v1.51${path}`, call);
    this.#heard(exchanged);
    return exchanged;
  }

  /** The body's JSON; empty where it has none, so that a script goes on after a refusal. */
  async json(method: string, path: string, call: Call = {}): Promise<Record<string, unknown>> {
    const { body } = await this.call(method, path, call);
    try {
      const value: unknown = JSON.parse(new TextDecoder().decode(body));
      return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
    } catch {
      return {};
    }
  }

  #exchange(method: string, target: string, { body, headers = {}, forMs = PATIENCE_MS }: Call): Promise<Exchanged> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const bytes = body === undefined ? undefined : Buffer.from(isRaw ? body as string : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const sent = request({
        socketPath: this.#socketPath, method, path: target, agent: false,
        headers: { ...(body === undefined || isRaw ? {} : { 'Content-Type': 'application/json' }), ...(bytes === undefined ? {} : { 'Content-Length': bytes.length }), ...headers },
      });
      const pieces: Buffer[] = [];
      let answer: IncomingMessage | undefined;
      const finish = (isCut: boolean): void => {
        clearTimeout(timer);
        sent.destroy();
        if (answer === undefined) reject(new Error(`${method} ${target}: no answer within ${forMs} ms`));
        else resolve({ method, target, status: answer.statusCode ?? 0, headers: answer.headers as Record<string, string>, body: Buffer.concat(pieces), isCut });
      };
      const timer = setTimeout(() => finish(true), forMs);
      const take = (stream: IncomingMessage | Duplex): void => {
        stream.on('data', (piece: Buffer) => pieces.push(piece)).on('error', () => finish(true)).on('end', () => finish(false)).on('close', () => finish(true));
      };
      sent.on('response', (message: IncomingMessage) => take(answer = message));
      sent.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
        answer = message;
        pieces.push(head);
        take(socket);
      });
      sent.on('error', (error) => (answer === undefined ? reject(error) : finish(true)));
      sent.end(bytes);
    });
  }
}
