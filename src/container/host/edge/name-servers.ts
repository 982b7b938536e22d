import { createSocket, type RemoteInfo, type Socket as Datagram } from 'node:dgram';
import { closeSync, openSync } from 'node:fs';
import { BlockList, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { answerWithAlias, questionAfter } from '#net/dns/alias.ts';
import type { NameQuery, NameReply } from '../port.ts';
import { openDatagramInside, openResolverSockets } from './linux/resolver-sockets.ts';
import { framed, NameForwarder } from './name-forwarder.ts';

/** Of one container, at once. */
const MOST_CONNECTIONS = 16;
const IDLE_MS = 10_000;
const MOST_PORTS_TRIED = 8;
const QUESTION_BYTES = 4096;

/** Who asked is no sandbox. */
const HOST = '';

interface Serving {
  readonly netnsFd: number;
  readonly datagrams: Datagram;
  readonly streams: Server;
  readonly connections: Set<Socket>;
}

/** Servers of names, one in each sandbox that stands in a network of its own making. They end with the daemon, and it opens them again. */
export class NameServers {
  readonly #hostFd: number;
  readonly #forwarder = new NameForwarder();
  readonly #serving = new Map<string, Serving>();
  #ask: (query: NameQuery) => NameReply = () => ({ kind: 'silence' });

  constructor(hostFd: number) {
    this.#hostFd = hostFd;
  }

  onQuery(callback: (query: NameQuery) => NameReply): void {
    this.#ask = callback;
  }

  /** @param netnsPath of the sandbox's namespace, as /proc/PID/ns/net or /proc/self/fd/N */
  open(sandbox: string, netnsPath: string, options: { readonly isNew: boolean }): void {
    if (this.#serving.has(sandbox)) return;
    const netnsFd = openSync(netnsPath, 'r');
    try {
      const { udp, tcp } = openResolverSockets(netnsFd, this.#hostFd, options);
      const datagrams = createSocket({ type: 'udp4' });
      const connections = new Set<Socket>();
      const streams = createServer((socket) => this.#converse(sandbox, socket, connections));
      streams.maxConnections = MOST_CONNECTIONS;
      datagrams.on('error', () => {});
      streams.on('error', () => {});
      datagrams.on('message', (message, from) => void this.#answerDatagram(sandbox, message, from));
      datagrams.bind({ fd: udp });
      streams.listen({ fd: tcp });
      this.#serving.set(sandbox, { netnsFd, datagrams, streams, connections });
    } catch (thrown) {
      closeSync(netnsFd);
      throw thrown;
    }
  }

  /** At an address of the host, at a port that is free for datagrams and streams. Others than the clients hear nothing: an open resolver serves who sends in others' names. */
  async openAt(address: string, clients: string): Promise<{ readonly port: number; close(): void }> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#openOnce(address, clients);
      } catch (thrown) {
        // The port that is free for streams need not be free for datagrams.
        if (tries >= MOST_PORTS_TRIED || (thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown;
      }
    }
  }

  async #openOnce(address: string, clients: string): Promise<{ readonly port: number; close(): void }> {
    const [subnet = '', prefix = ''] = clients.split('/');
    const heard = new BlockList();
    heard.addSubnet(subnet, Number(prefix), 'ipv4');
    const connections = new Set<Socket>();
    const streams = createServer((socket) => heard.check(socket.remoteAddress ?? '') ? this.#converse(HOST, socket, connections) : socket.destroy());
    const datagrams = createSocket({ type: 'udp4' });
    streams.on('error', () => {});
    datagrams.on('error', () => {});
    await new Promise<void>((resolve, reject) => streams.once('error', reject).listen(0, address, resolve));
    const { port } = streams.address() as AddressInfo;
    await new Promise<void>((resolve, reject) => datagrams.once('error', reject).bind(port, address, resolve)).catch((thrown: unknown) => {
      streams.close();
      throw thrown;
    });
    datagrams.on('message', (message, from) => {
      if (heard.check(from.address)) void this.#answer(HOST, message, 'udp').then((answer) => answer === undefined ? undefined : datagrams.send(answer, from.port, from.address, () => {}));
    });
    return {
      port,
      close: () => {
        datagrams.close(() => {});
        streams.close();
        for (const socket of connections) socket.destroy();
      },
    };
  }

  close(sandbox: string): void {
    const serving = this.#serving.get(sandbox);
    if (serving === undefined) return;
    this.#serving.delete(sandbox);
    serving.datagrams.close(() => {});
    serving.streams.close();
    for (const socket of serving.connections) socket.destroy();
    closeSync(serving.netnsFd);
  }

  async #answerDatagram(sandbox: string, message: Uint8Array, from: RemoteInfo): Promise<void> {
    const answer = await this.#answer(sandbox, message, 'udp');
    // The sandbox may have ended meanwhile.
    if (answer !== undefined) this.#serving.get(sandbox)?.datagrams.send(answer, from.port, from.address, () => {});
  }

  #converse(sandbox: string, socket: Socket, connections: Set<Socket>): void {
    connections.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('close', () => connections.delete(socket));
    let heard = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      heard = Buffer.concat([heard, piece]);
      while (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0)) {
        const message = heard.subarray(2, 2 + heard.readUInt16BE(0));
        heard = heard.subarray(2 + message.length);
        void this.#answer(sandbox, message, 'tcp').then((answer) => {
          if (answer !== undefined && socket.writable) socket.write(framed(answer));
        });
      }
      if (heard.length > QUESTION_BYTES) socket.destroy();
    });
  }

  async #answer(sandbox: string, message: Uint8Array, transport: 'udp' | 'tcp'): Promise<Uint8Array | undefined> {
    const reply = this.#ask({ sandbox, message, transport });
    switch (reply.kind) {
      case 'silence': return undefined;
      case 'answer': return reply.message;
      case 'forward': {
        const { alias } = reply;
        if (alias !== undefined) {
          const answer = await this.#forwarder.ask({ sandbox, ...questionAfter(alias.target, reply.query), servers: reply.servers, transport });
          return answerWithAlias(reply.query, alias.target, answer, alias.maxBytes);
        }
        const inside = reply.from === 'sandbox' ? { openInside: (family: 4 | 6): number => this.#openInside(sandbox, family) } : {};
        return await this.#forwarder.ask({ sandbox, message, query: reply.query, servers: reply.servers, transport, ...inside });
      }
    }
  }

  #openInside(sandbox: string, family: 4 | 6): number {
    const serving = this.#serving.get(sandbox);
    if (serving === undefined) return -1;
    return openDatagramInside(serving.netnsFd, this.#hostFd, family);
  }
}
