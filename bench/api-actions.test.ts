import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { execTrue, remove, runTrue, startIdle } from './api-actions.ts';
import { apiClient, type ApiClient } from './api-client.ts';

interface FakeEngine {
  readonly client: ApiClient;
  readonly asked: string[];
}

/** An engine on a socket: the exec is seen running once after its output has ended. */
async function fakeEngine(t: TestContext, exitCode: number): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-api-'));
  const asked: string[] = [];
  let waiting: ServerResponse | undefined;
  let looks = 0;
  const answers: Record<string, (response: ServerResponse) => void> = {
    'POST /containers/create': (response) => response.writeHead(201).end('{"Id":"c1"}'),
    'POST /containers/c1/wait?condition=removed': (response) => { waiting = response; response.writeHead(200).flushHeaders(); },
    'POST /containers/c1/start': (response) => { response.writeHead(204).end(); waiting?.end(`{"StatusCode":${exitCode}}\n`); },
    'POST /containers/c1/exec': (response) => response.writeHead(201).end('{"Id":"e1"}'),
    'POST /exec/e1/start': (response) => response.writeHead(200, { connection: 'close' }).end('output'),
    'GET /exec/e1/json': (response) => response.end(JSON.stringify(looks++ === 0 ? { Running: true, ExitCode: null } : { Running: false, ExitCode: exitCode })),
    'DELETE /containers/c1?force=1': (response) => response.writeHead(204).end(),
  };
  const server = createServer((request, response) => {
    const what = `${request.method} ${request.url}`;
    asked.push(what);
    request.resume().on('end', () => (answers[what] ?? (() => response.writeHead(404).end('{"message":"no such thing"}')))(response));
  });
  await new Promise<void>((resolve) => { server.listen(join(folder, 'socket'), resolve); });
  const client = apiClient(join(folder, 'socket'));
  t.after(() => { client.close(); server.close(); rmSync(folder, { recursive: true }); });
  return { client, asked };
}

test('a run registers its wait before the start and ends with the removal', async (t) => {
  const { client, asked } = await fakeEngine(t, 0);
  await runTrue(client, 'image', 'none');
  assert.deepEqual(asked, ['POST /containers/create', 'POST /containers/c1/wait?condition=removed', 'POST /containers/c1/start']);
});

test('an exec is over when the engine knows its exit code', async (t) => {
  const { client, asked } = await fakeEngine(t, 0);
  await execTrue(client, await startIdle(client, 'image'));
  assert.deepEqual(asked.slice(2), ['POST /containers/c1/exec', 'POST /exec/e1/start', 'GET /exec/e1/json', 'GET /exec/e1/json']);
  await remove(client, 'c1');
});

test('a run or an exec that fails is an error, and so is a request that is refused', async (t) => {
  const { client } = await fakeEngine(t, 3);
  await assert.rejects(runTrue(client, 'image', 'bridge'), /true ended with 3 in a container on bridge/);
  await assert.rejects(execTrue(client, 'c1'), /true ended with 3 as an exec/);
  await assert.rejects(execTrue(client, 'c2'), /POST \/containers\/c2\/exec was answered with 404: .*no such thing/);
});
