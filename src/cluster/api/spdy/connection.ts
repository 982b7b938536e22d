import { dataFrames, endFrame, FrameReader, pingFrame, replyFrame, type Frame } from './frames.ts';
import { emptyHeaderBlock, readHeaders } from './header-block.ts';

/** The connection to the client. */
export interface Transport {
  send(bytes: Uint8Array): void;
  /** Calls back when what was sent is on its way; at once where little is waiting. */
  whenSent(callback: () => void): void;
  /** Holds the client back. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface ConnectionParts {
  readonly transport: Transport;
  /** One zlib stream, with the dictionary of the protocol. */
  inflate(block: Uint8Array): Promise<Uint8Array>;
}

/** Hears what a client does with its streams. */
export interface StreamEvents {
  opened(stream: number, headers: ReadonlyMap<string, string>, isEnd: boolean): void;
  data(stream: number, bytes: Uint8Array, isEnd: boolean): void;
  reset(stream: number): void;
  /** It speaks another language, and nothing that follows can be understood: the connection is closed. */
  broken(): void;
}

/** The server's side of a connection of SPDY/3.1 whose streams the client opens: answers what the protocol wants answered. */
export class SpdyConnection {
  readonly #parts: ConnectionParts;
  readonly #events: StreamEvents;
  readonly #reader = new FrameReader();
  #turn: Promise<void> = Promise.resolve();
  #hasReplied = false;
  #isClosed = false;

  constructor(parts: ConnectionParts, events: StreamEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  /** What came from the client, in order. */
  receive(piece: Uint8Array): void {
    this.#turn = this.#turn.then(async () => {
      if (this.#isClosed) return;
      for (const frame of this.#reader.push(piece)) await this.#take(frame);
    }).catch(() => {
      this.close();
      this.#events.broken();
      this.#parts.transport.close();
    });
  }

  send(stream: number, bytes: Uint8Array): void {
    for (const frame of dataFrames(stream, bytes)) this.#parts.transport.send(frame);
  }

  /** Nothing more comes on the stream from our side. */
  end(stream: number): void {
    this.#parts.transport.send(endFrame(stream));
  }

  /** What still comes is passed over. */
  close(): void {
    this.#isClosed = true;
  }

  async #take(frame: Frame): Promise<void> {
    switch (frame.kind) {
      case 'open': {
        const headers = readHeaders(await this.#parts.inflate(frame.headers));
        this.#parts.transport.send(replyFrame(frame.stream, emptyHeaderBlock(!this.#hasReplied)));
        this.#hasReplied = true;
        return this.#events.opened(frame.stream, headers, frame.isEnd);
      }
      case 'headers': return void await this.#parts.inflate(frame.headers);
      case 'data': return this.#events.data(frame.stream, frame.bytes, frame.isEnd);
      case 'reset': return this.#events.reset(frame.stream);
      // Our own would have even numbers, and there are none.
      case 'ping': return frame.id % 2 === 1 ? this.#parts.transport.send(pingFrame(frame.id)) : undefined;
      case 'nothing': return;
    }
  }
}
