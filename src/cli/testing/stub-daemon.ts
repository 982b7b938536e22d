import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

export interface StubDaemon {
  readonly host: string;
  readonly requests: readonly RecordedRequest[];
  readonly close: () => Promise<void>;
}

/** `undefined` leaves the request to the next rule, which in the end is a 404. */
export type StubRule = (request: RecordedRequest) => { readonly status?: number; readonly json: unknown } | undefined;

/** A server at a unix socket that answers pings, records every other request, and answers by rules. For tests. */
export async function startStubDaemon(rule: StubRule): Promise<StubDaemon> {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-cli-'));
  const path = join(directory, 'stub.sock');
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => void answer(request, response, requests, rule));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, requests: RecordedRequest[], rule: StubRule): Promise<void> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  response.setHeader('Api-Version', '1.51').setHeader('Ostype', 'linux');
  if (request.url?.endsWith('/_ping') === true) {
    response.end('OK');
    return;
  }
  const recorded = { method: request.method ?? '', url: request.url ?? '', body: Buffer.concat(parts).toString() };
  requests.push(recorded);
  const { status = 200, json } = rule(recorded) ?? { status: 404, json: { message: 'no such thing' } };
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(status === 204 ? undefined : JSON.stringify(json));
}
