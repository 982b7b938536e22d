import assert from 'node:assert/strict';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { test, type TestContext } from 'node:test';
import { json, type ApiRequest, type ApiResponse } from '../api-request.ts';
import type { WatchEvent } from '../watch-events.ts';
import { listenApi } from './api-listener.ts';

/** A watch on which nothing happens until it is left. */
class QuietWatch {
  readonly #left = Promise.withResolvers<void>();
  readonly left = this.#left.promise;
  readonly answer: ApiResponse;

  constructor() {
    const done = { done: true, value: undefined } as const;
    const end = async (): Promise<typeof done> => {
      this.#left.resolve();
      return done;
    };
    const events: AsyncGenerator<WatchEvent> = {
      next: async () => {
        await this.left;
        return done;
      },
      return: end, throw: end,
      [Symbol.asyncIterator]() { return this; },
      [Symbol.asyncDispose]: async () => void await end(),
    };
    this.answer = { kind: 'watch', events, render: () => null };
  }
}

async function listen(context: TestContext, handle: (request: ApiRequest) => Promise<ApiResponse>): Promise<number> {
  const listener = await listenApi({ host: '127.0.0.1', port: 0, authenticate: async () => ({ name: 'tester', groups: [] }), handle });
  context.after(() => listener.close());
  return listener.port;
}

async function ask(context: TestContext, handle: () => Promise<ApiResponse>): Promise<ClientRequest> {
  const asking = request({ host: '127.0.0.1', port: await listen(context, handle), path: '/' });
  // It is cut off.
  asking.on('error', () => undefined).end();
  return asking;
}

test('a watch is left when its client goes', async (context) => {
  const watch = new QuietWatch();
  const asking = await ask(context, async () => watch.answer);
  const answer = await new Promise<IncomingMessage>((resolve) => asking.once('response', resolve));
  assert.equal(answer.statusCode, 200);
  answer.on('error', () => undefined);
  asking.destroy();
  await watch.left;
});

test('a watch is left whose client went before it was answered', async (context) => {
  const watch = new QuietWatch();
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<ApiResponse>();
  const asking = await ask(context, () => {
    asked.resolve();
    return answered.promise;
  });
  await asked.promise;
  asking.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  answered.resolve(watch.answer);
  await watch.left;
});

test('a body is read whole, whoever asks for it and however often', async (context) => {
  const port = await listen(context, async (asked) => {
    const [first, second] = [await asked.body(), await asked.body()];
    assert.equal(first, second);
    return json(200, { length: first.length });
  });
  for (const body of ['', 'x', 'x'.repeat(2_000_000)]) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    assert.deepEqual(await answer.json(), { length: body.length });
  }
  assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/`)).json(), { length: 0 });
});

test('a body that is too large is refused, and one that is cut off is waited for no longer', async (context) => {
  const over = Promise.withResolvers<unknown>();
  const port = await listen(context, async (asked) => {
    try {
      await asked.body();
    } catch (thrown) {
      over.resolve(thrown);
      throw thrown;
    }
    return json(200, {});
  });
  const large = request({ host: '127.0.0.1', port, path: '/', method: 'POST' });
  const answer = new Promise<IncomingMessage>((resolve, reject) => large.once('response', resolve).once('error', reject));
  large.write(Buffer.alloc(4 * 1024 * 1024, 0x20));
  const { statusCode } = await answer;
  assert.equal(statusCode, 413);
  large.on('error', () => undefined).destroy();
  assert.match(String(await over.promise), /too large/);

  const cut = Promise.withResolvers<unknown>();
  const begun = Promise.withResolvers<void>();
  const other = await listen(context, async (asked) => {
    begun.resolve();
    await asked.body().catch(cut.resolve);
    return json(200, {});
  });
  const asking = request({ host: '127.0.0.1', port: other, path: '/', method: 'POST', headers: { 'content-length': '10' } });
  asking.on('error', () => undefined).write('x');
  await begun.promise;
  asking.destroy();
  assert.ok(await cut.promise instanceof Error);
});

test('a long answer waits for its client, piece by piece, and leaves nothing behind at the connection', async (context) => {
  const [pieces, length] = [40, 512 * 1024];
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; sent < pieces; sent++) yield new Uint8Array(length);
  }
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  context.after(() => process.off('warning', onWarning));
  const port = await listen(context, async () => ({ kind: 'stream', contentType: 'application/json', chunks: chunks() }));
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal((await answer.arrayBuffer()).byteLength, pieces * length);
  assert.deepEqual(warnings, []);
});
