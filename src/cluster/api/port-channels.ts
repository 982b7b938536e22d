import { concatBytes } from '#base/bytes.ts';
import { messageOf } from '#base/error.ts';
import type { ForwardParts, Onward } from './port-forward.ts';
import { badRequest } from './refusals.ts';
import { serverMessage } from './remote-command.ts';

/** What the clients of other languages ask for: messages whose first byte names a channel, two channels to a port (kubelet, pkg/cri/streaming/portforward/websocket.go). */
export const PORT_CHANNELS = 'v4.channel.k8s.io';

/** Channels have one byte. */
const MOST_PORTS = 128;
/** What a client may say to a port before the connection is there. */
const MOST_WAITING_BYTES = 1024 * 1024;

/**
 * The ports that a client names in its query, `ports=80&ports=443` or `ports=80,443` (`core.v1.PodPortForwardOptions`).
 * @throws StatusError where it names none, too many, or what is no port
 */
export function portsOf(values: readonly string[]): readonly number[] {
  const ports = values.flatMap((value) => value.split(',')).map((text) => /^\d{1,5}$/.test(text) ? Number(text) : 0);
  if (ports.length === 0 || ports.length > MOST_PORTS) throw badRequest(`the query parameter "ports" has to name 1 to ${MOST_PORTS} ports, and names ${ports.length}`);
  if (ports.some((port) => port < 1 || port > 65535)) throw badRequest(`the query parameter "ports" has what is no port from 1 to 65535: ${values.join(', ')}`);
  return ports;
}

interface Channel {
  readonly port: number;
  onward: Onward | undefined;
  waiting: Uint8Array[];
  waitingBytes: number;
  isOver: boolean;
}

/** One connection to each port, over one WebSocket: channel 2n has the bytes of the nth, channel 2n + 1 what went wrong with it. */
export class PortChannels {
  readonly #parts: Omit<ForwardParts, 'inflate'>;
  readonly #channels: readonly Channel[];

  constructor(parts: Omit<ForwardParts, 'inflate'>, ports: readonly number[]) {
    this.#parts = parts;
    this.#channels = ports.map((port) => ({ port, onward: undefined, waiting: [], waitingBytes: 0, isOver: false }));
  }

  /** Each channel begins with its port, low byte first: the client has waited for that. */
  open(): void {
    for (const [index, channel] of this.#channels.entries()) {
      const port = Uint8Array.of(channel.port & 255, channel.port >> 8);
      this.#send(index * 2, port);
      this.#send(index * 2 + 1, port);
      void this.#connect(index, channel);
    }
  }

  /** A message of the client's; what belongs to no connection is passed over. */
  receive(message: Uint8Array): void {
    const [number = 1] = message;
    const channel = number % 2 === 0 ? this.#channels[number / 2] : undefined;
    if (channel === undefined || channel.isOver || message.length === 1) return;
    const bytes = message.subarray(1);
    if (channel.onward !== undefined) {
      if (!channel.onward.write(bytes)) this.#parts.transport.pause();
      return;
    }
    channel.waitingBytes += bytes.length;
    channel.waiting.push(bytes);
    if (channel.waitingBytes > MOST_WAITING_BYTES) this.#fail(number / 2, channel, 'the client said too much before the connection was there');
  }

  /** The client is gone. */
  close(): void {
    for (const channel of this.#channels) {
      channel.isOver = true;
      channel.onward?.close();
    }
  }

  async #connect(index: number, channel: Channel): Promise<void> {
    try {
      const onward = await this.#parts.dial(channel.port);
      if (channel.isOver) return onward.close();
      channel.onward = onward;
      this.#join(index, channel, onward);
    } catch (thrown) {
      if (!channel.isOver) this.#fail(index, channel, messageOf(thrown));
    }
  }

  #join(index: number, channel: Channel, onward: Onward): void {
    const { transport } = this.#parts;
    onward.onOutput((_, bytes) => {
      this.#send(index * 2, bytes);
      onward.pause();
      transport.whenSent(() => onward.resume());
    });
    onward.onEnd(() => {
      onward.close();
      this.#end(channel);
    });
    onward.onDrain(() => transport.resume());
    if (channel.waiting.length > 0) onward.write(concatBytes(channel.waiting.splice(0)));
  }

  #fail(index: number, channel: Channel, why: string): void {
    this.#send(index * 2 + 1, new TextEncoder().encode(`error forwarding port ${channel.port} to pod ${this.#parts.pod}: ${why}`));
    this.#end(channel);
  }

  /** With the last connection the client's own ends: there is no message that would say it of one. */
  #end(channel: Channel): void {
    if (channel.isOver) return;
    channel.isOver = true;
    channel.waiting = [];
    // It may have been the one that held the client.
    this.#parts.transport.resume();
    if (this.#channels.every(({ isOver }) => isOver)) this.#parts.transport.close();
  }

  #send(channel: number, bytes: Uint8Array): void {
    this.#parts.transport.send(serverMessage(channel, bytes));
  }
}
