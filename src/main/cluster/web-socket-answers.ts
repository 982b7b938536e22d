import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ApiResponse } from '#cluster/api/api-request.ts';

const BASE64 = 'base64.binary.k8s.io';
/** What a log is sent by (apiserver, pkg/util/wsstream); a watch needs no name for it. */
const PROTOCOLS: readonly string[] = ['binary.k8s.io', BASE64];
const HIGH_WATER = 1024 * 1024;
const LOOK_AGAIN_MS = 10;
const NORMAL = 1000;
/** Clients only listen. */
const LARGEST_MESSAGE = 1024;

/** Watches and logs in a WebSocket, for programs in browsers: an event, or a piece of the log, is a message. */
export class WebSocketAnswers {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false, handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? [...offered][0] ?? false });

  /** @returns whether it was one that goes on; any other is for the client to read as usual */
  accept(answer: ApiResponse, incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (answer.kind !== 'watch' && answer.kind !== 'stream') return false;
    this.#server.handleUpgrade(incoming, socket, head, (client) => {
      client.on('error', () => client.terminate());
      void send(client, answer.kind === 'watch' ? eventsOf(answer) : piecesOf(answer.chunks, client.protocol === BASE64));
    });
    return true;
  }
}

async function* eventsOf({ events, render }: ApiResponse & { kind: 'watch' }): AsyncGenerator<string> {
  for await (const event of events) yield JSON.stringify(render(event));
}

async function* piecesOf(chunks: AsyncGenerator<Uint8Array>, isText: boolean): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of chunks) yield isText ? chunk.toBase64() : chunk;
}

async function send(client: WebSocket, messages: AsyncGenerator<string | Uint8Array>): Promise<void> {
  client.on('close', () => void messages.return(undefined).catch(() => {}));
  try {
    for await (const message of messages) {
      if (client.readyState !== client.OPEN) return;
      client.send(message);
      while (client.bufferedAmount > HIGH_WATER && client.readyState === client.OPEN) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    client.close(NORMAL);
  } catch {
    client.terminate();
  }
}
