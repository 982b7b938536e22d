import assert from 'node:assert/strict';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { test, type TestContext } from 'node:test';
import type { ApiResponse } from '../api-request.ts';
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

async function ask(context: TestContext, handle: () => Promise<ApiResponse>): Promise<ClientRequest> {
  const listener = await listenApi({ host: '127.0.0.1', port: 0, authenticate: async () => ({ name: 'tester', groups: [] }), handle });
  context.after(() => listener.close());
  const asking = request({ host: '127.0.0.1', port: listener.port, path: '/' });
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
