import { messageOf } from '#base/error.ts';
import { SpdyConnection, type ConnectionParts } from './spdy/connection.ts';

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

export interface ForwardParts extends ConnectionParts {
  /** @throws where nobody listens */
  dial(port: number): Promise<Onward>;
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
  readonly #connection: SpdyConnection;
  readonly #data = new Map<number, Stream>();
  /** Streams for errors by their request. */
  readonly #errors = new Map<string, number>();

  constructor(parts: ForwardParts) {
    this.#parts = parts;
    this.#connection = new SpdyConnection(parts, {
      opened: (id, headers, isEnd) => this.#open(id, headers, isEnd), data: (id, bytes, isEnd) => this.#forward(id, bytes, isEnd), reset: (id) => this.#drop(id), broken: () => this.close(),
    });
  }

  receive(piece: Uint8Array): void {
    this.#connection.receive(piece);
  }

  /** The client is gone. */
  close(): void {
    this.#connection.close();
    for (const { onward } of this.#data.values()) onward?.close();
    this.#data.clear();
  }

  #open(id: number, headers: ReadonlyMap<string, string>, isEnd: boolean): void {
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
      this.#connection.send(stream.id, bytes);
      onward.pause();
      transport.whenSent(() => onward.resume());
    });
    onward.onEnd(() => {
      if (!this.#data.delete(stream.id)) return;
      this.#connection.end(stream.id);
      this.#endErrors(stream.request);
      onward.close();
    });
    onward.onDrain(() => transport.resume());
    for (const bytes of stream.waiting.splice(0)) onward.write(bytes);
    if (stream.isInputOver) onward.endInput();
  }

  #forward(id: number, bytes: Uint8Array, isEnd: boolean): void {
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
    const errors = this.#errors.get(request);
    const text = new TextEncoder().encode(`error forwarding port ${port} to pod ${this.#parts.pod}: ${why}`);
    if (errors !== undefined) this.#connection.send(errors, text);
    this.#endErrors(request);
    this.#connection.end(id);
  }

  #endErrors(request: string): void {
    const id = this.#errors.get(request);
    if (id === undefined) return;
    this.#errors.delete(request);
    this.#connection.end(id);
  }
}
