import assert from 'node:assert/strict';

/** A timer of a loop that does little comes this often. */
const TURN_MS = 20;

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

  /** From here on the longest stretch is noted in which the process did nothing but one thing. */
  async watchLoop(): Promise<void> {
    await this.#evaluate(`void (() => {
      let before = process.threadCpuUsage();
      globalThis.longestStretchMs = 0;
      setInterval(() => {
        const { user, system } = process.threadCpuUsage(before);
        before = process.threadCpuUsage();
        globalThis.longestStretchMs = Math.max(globalThis.longestStretchMs, (user + system) / 1000);
      }, ${TURN_MS}).unref();
    })()`);
  }

  /** In processor time of its main thread: what other processes take meanwhile is not in it. */
  async longestStretchMs(): Promise<number> {
    return Number(await this.#evaluate('String(globalThis.longestStretchMs)'));
  }

  async live(): Promise<Live> {
    // What was freed by finalizers of the first collection goes with the second.
    for (let collection = 0; collection < 2; collection++) await this.#call('HeapProfiler.collectGarbage', {});
    const { heapUsed, external, rss } = JSON.parse(await this.#evaluate('JSON.stringify(process.memoryUsage())')) as Record<'heapUsed' | 'external' | 'rss', number>;
    assert.ok(heapUsed > 0 && rss > 0);
    return { bytes: heapUsed + external, resident: rss };
  }

  close(): void {
    this.#socket.close();
  }

  async #evaluate(expression: string): Promise<string> {
    const { result } = await this.#call('Runtime.evaluate', { expression });
    assert.equal(result?.exceptionDetails, undefined, expression);
    return result?.result?.value ?? '';
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
  readonly result?: { readonly result?: { readonly value?: string }; readonly exceptionDetails?: unknown };
}
