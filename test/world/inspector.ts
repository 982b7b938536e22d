import assert from 'node:assert/strict';

/** What a process keeps, and what it has taken for it, right after its garbage was collected. */
export interface Live {
  /** Objects and code of JavaScript, and the buffers that they hold. */
  readonly bytes: number;
  readonly resident: number;
}

/** The debugger's way into a daemon (Chrome DevTools Protocol): a test can ask for what the collector would leave. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Answer) => void>();
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Answer;
      this.#waiting.get(message.id)?.(message);
    });
  }

  /** @param url as Node says it when it starts: `ws://127.0.0.1:PORT/ID` */
  static async open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error(`no inspector at ${url}`)));
    });
    return new Inspector(socket);
  }

  async live(): Promise<Live> {
    // What was freed by finalizers of the first collection goes with the second.
    for (let collection = 0; collection < 2; collection++) await this.#call('HeapProfiler.collectGarbage', {});
    const { result } = await this.#call('Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' });
    const { heapUsed, external, rss } = JSON.parse(result?.result?.value ?? '{}') as Record<'heapUsed' | 'external' | 'rss', number>;
    assert.ok(heapUsed > 0 && rss > 0);
    return { bytes: heapUsed + external, resident: rss };
  }

  close(): void {
    this.#socket.close();
  }

  async #call(method: string, params: object): Promise<Answer> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const answer = await promise;
    this.#waiting.delete(id);
    assert.equal(answer.error, undefined, method);
    return answer;
  }
}

interface Answer {
  readonly id: number;
  readonly error?: unknown;
  readonly result?: { readonly result?: { readonly value?: string } };
}
