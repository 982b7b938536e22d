import { GantryError } from '#base/error.ts';
import type { Exchange, HttpRequest, HttpResponse, Transport } from './transport.ts';

/** What a scripted registry answers; `cut` breaks the connection after so many bytes. */
export interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly cut?: number;
}

export type Script = (request: HttpRequest, body: string) => Scripted | Exchange;

/** A network in memory, for tests: answers by a function, and remembers what was asked. */
export class ScriptedTransport implements Transport {
  readonly seen: HttpRequest[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  async send(request: HttpRequest): Promise<Exchange> {
    this.seen.push(request);
    let text = '';
    if (request.body instanceof Uint8Array) text = new TextDecoder().decode(request.body);
    else if (request.body !== undefined) for await (const chunk of request.body) text += new TextDecoder().decode(chunk);
    const answer = this.#script(request, text);
    return 'kind' in answer ? answer : { kind: 'response', response: responseOf(answer) };
  }

  /** `GET http://host/path` of each request so far. */
  get asked(): string[] {
    return this.seen.map(({ method, url }) => `${method} ${url}`);
  }
}

function responseOf({ status, headers = {}, body = '', cut }: Scripted): HttpResponse {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return {
    status,
    header: (name) => headers[name],
    discard: () => {},
    body: (async function* () {
      if (cut === undefined) yield bytes;
      else {
        yield bytes.subarray(0, cut);
        throw new GantryError('unavailable', 'the connection broke off');
      }
    })(),
  };
}
