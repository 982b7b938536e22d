import { messageOf } from '#base/error.ts';
import { dataFrames, endFrame, FrameReader, pingFrame, replyFrame, type Frame } from './spdy/frames.ts';
import { emptyHeaderBlock, readHeaders } from './spdy/header-block.ts';

/** The protocol of streams, and how it is called inside of a WebSocket (apimachinery, pkg/util/portforward/constants.go). */
export const PORT_FORWARD = { protocol: 'portforward.k8s.io', tunnel: 'SPDY/3.1+portforward.k8s.io', upgrade: 'SPDY/3.1' } as const;

/** A connection to a port of the pod. */
export interface Onward {
  onOutput(callback: (stream: 1 | 2, bytes: Uint8Array) => void): void;
  onEnd(callback: () => void): void;
  /** False asks to wait for `onDrain`. */
  write(bytes: Uint8Array): boolean;
  onDrain(callback: () => void): void;
  endInput(): void;
  pause(): void;
  resume(): void;
  close(): void;
}

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

export interface ForwardParts {
  readonly transport: Transport;
  /** @throws where nobody listens */
  dial(port: number): Promise<Onward>;
  /** One zlib stream, with the dictionary of the protocol. */
  inflate(block: Uint8Array): Promise<Uint8Array>;
  /** As messages name the pod. */
  readonly pod: string;
}

/** Of one client, at once: each connection that it forwards has two. */
const MOST_STREAMS = 1024;
/** What a client may say before the connection is there. */
const MOST_WAITING_BYTES = 1024 * 1024;

interface Stream {
  readonly id: number;
  readonly port: number;
  /** Of this connection of the client's: its two streams have the same. */
  readonly request: string;
  onward: Onward | undefined;
  waiting: Uint8Array[];
  isInputOver: boolean;
}

/** `kubectl port-forward`: for each connection of the client a stream with its bytes, and one on which it is told what went wrong. */
export class PortForwardSession {
  readonly #parts: ForwardParts;
  readonly #reader = new FrameReader();
  readonly #data = new Map<number, Stream>();
  /** Streams for errors by their request. */
  readonly #errors = new Map<string, number>();
  #turn: Promise<void> = Promise.resolve();
  #hasReplied = false;
  #isClosed = false;

  constructor(parts: ForwardParts) {
    this.#parts = parts;
  }

  /** What came from the client, in order. */
  receive(piece: Uint8Array): void {
    this.#turn = this.#turn.then(async () => {
      if (this.#isClosed) return;
      for (const frame of this.#reader.push(piece)) await this.#take(frame);
    }).catch(() => {
      // It speaks another language, and nothing that follows can be understood.
      this.close();
      this.#parts.transport.close();
    });
  }

  /** The client is gone. */
  close(): void {
    this.#isClosed = true;
    for (const { onward } of this.#data.values()) onward?.close();
    this.#data.clear();
  }

  async #take(frame: Frame): Promise<void> {
    switch (frame.kind) {
      case 'open': return this.#open(frame.stream, readHeaders(await this.#parts.inflate(frame.headers)), frame.isEnd);
      case 'headers': return void await this.#parts.inflate(frame.headers);
      case 'data': return this.#forward(frame);
      case 'reset': return this.#drop(frame.stream);
      // Our own would have even numbers, and there are none.
      case 'ping': return frame.id % 2 === 1 ? this.#parts.transport.send(pingFrame(frame.id)) : undefined;
      case 'nothing': return;
    }
  }

  #open(id: number, headers: ReadonlyMap<string, string>, isEnd: boolean): void {
    const { transport } = this.#parts;
    transport.send(replyFrame(id, emptyHeaderBlock(!this.#hasReplied)));
    this.#hasReplied = true;
    const request = headers.get('requestid') ?? '';
    if (headers.get('streamtype') === 'error') {
      if (this.#errors.size < MOST_STREAMS) this.#errors.set(request, id);
      return;
    }
    const stream: Stream = { id, port: Number(headers.get('port')), request, onward: undefined, waiting: [], isInputOver: isEnd };
    if (this.#data.size >= MOST_STREAMS) return this.#fail(stream, `more than ${MOST_STREAMS} connections at once`);
    this.#data.set(id, stream);
    void this.#connect(stream);
  }

  async #connect(stream: Stream): Promise<void> {
    try {
      const onward = await this.#parts.dial(stream.port);
      if (this.#data.get(stream.id) !== stream) return onward.close();
      stream.onward = onward;
      this.#join(stream, onward);
    } catch (thrown) {
      if (this.#data.delete(stream.id)) this.#fail(stream, messageOf(thrown));
    }
  }

  #join(stream: Stream, onward: Onward): void {
    const { transport } = this.#parts;
    onward.onOutput((_, bytes) => {
      for (const frame of dataFrames(stream.id, bytes)) transport.send(frame);
      onward.pause();
      transport.whenSent(() => onward.resume());
    });
    onward.onEnd(() => {
      if (!this.#data.delete(stream.id)) return;
      transport.send(endFrame(stream.id));
      this.#endErrors(stream.request);
      onward.close();
    });
    onward.onDrain(() => transport.resume());
    for (const bytes of stream.waiting.splice(0)) onward.write(bytes);
    if (stream.isInputOver) onward.endInput();
  }

  #forward({ stream: id, bytes, isEnd }: Extract<Frame, { kind: 'data' }>): void {
    const stream = this.#data.get(id);
    // The end of a stream for errors, or of one that is over.
    if (stream === undefined) return;
    stream.isInputOver ||= isEnd;
    const { onward, waiting } = stream;
    if (onward === undefined) {
      waiting.push(bytes);
      if (waiting.reduce((sum, { length }) => sum + length, 0) <= MOST_WAITING_BYTES) return;
      this.#data.delete(id);
      return this.#fail(stream, 'the client said too much before the connection was there');
    }
    // One slow reader holds all streams of the client: the protocol has windows that its clients don't heed.
    if (bytes.length > 0 && !onward.write(bytes)) this.#parts.transport.pause();
    if (isEnd) onward.endInput();
  }

  #drop(id: number): void {
    const stream = this.#data.get(id);
    if (stream === undefined) return;
    this.#data.delete(id);
    stream.onward?.close();
    this.#parts.transport.resume();
    this.#endErrors(stream.request);
  }

  #fail({ id, port, request }: Stream, why: string): void {
    const { transport, pod } = this.#parts;
    const errors = this.#errors.get(request);
    const text = new TextEncoder().encode(`error forwarding port ${port} to pod ${pod}: ${why}`);
    if (errors !== undefined) for (const frame of dataFrames(errors, text)) transport.send(frame);
    this.#endErrors(request);
    transport.send(endFrame(id));
  }

  #endErrors(request: string): void {
    const id = this.#errors.get(request);
    if (id === undefined) return;
    this.#errors.delete(request);
    this.#parts.transport.send(endFrame(id));
  }
}
