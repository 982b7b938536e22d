import { createSocket, type Socket as Datagram } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, isIPv6 } from 'node:net';
import { randomInt } from 'node:crypto';
import { hostServers } from '#net/dns/host-servers.ts';
import { answers, encodeFailure, idOf, RCODE, withId, type Query } from '#net/dns/message.ts';

/** A server that is silent this long is passed over. */
const SERVER_MS = 2000;
/** Bound of a whole question; a client gives up at about the same time. */
const QUESTION_MS = 5000;
/** Questions under way at once, of all containers and of one: a flood costs its sender its own answers, and others theirs never. */
const MOST_QUESTIONS = 1000;
const MOST_OF_ONE = 100;
const LARGEST_TCP_BYTES = 65_535;

export interface Forward {
  readonly sandbox: string;
  readonly message: Uint8Array;
  readonly query: Query;
  readonly servers: readonly string[];
  readonly transport: 'udp' | 'tcp';
  /** Opens a socket where the servers are to be asked from; absent: on the host. */
  readonly openInside?: (family: 4 | 6) => number;
}

/** Asks other servers for what no network of a container knows. Always answers: with a failure where none of them does. */
export class NameForwarder {
  readonly #underWay = new Map<string, number>();
  #total = 0;

  async ask(forward: Forward): Promise<Uint8Array> {
    const { sandbox, query } = forward;
    const failure = (): Uint8Array => encodeFailure(query.id, RCODE.serverFailure, query.question);
    const mine = this.#underWay.get(sandbox) ?? 0;
    if (mine >= MOST_OF_ONE || this.#total >= MOST_QUESTIONS) return failure();
    this.#underWay.set(sandbox, mine + 1);
    this.#total += 1;
    try {
      return await this.#askInTurn(forward) ?? failure();
    } finally {
      this.#total -= 1;
      const left = (this.#underWay.get(sandbox) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(sandbox);
      else this.#underWay.set(sandbox, left);
    }
  }

  async #askInTurn(forward: Forward): Promise<Uint8Array | undefined> {
    const servers = forward.servers.length > 0 ? forward.servers : readHostServers();
    const end = performance.now() + QUESTION_MS;
    for (const server of servers) {
      const left = Math.min(SERVER_MS, end - performance.now());
      if (left <= 0) return undefined;
      // Inside a sandbox only datagrams are opened: what does not fit is told to be cut, as the server did.
      const answer = forward.transport === 'tcp' && forward.openInside === undefined
        ? await askStream(server, forward, left) : await askDatagram(server, forward, left);
      if (answer !== undefined) return withId(answer, idOf(forward.message));
    }
    return undefined;
  }
}

function readHostServers(): readonly string[] {
  try {
    return hostServers(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return [];
  }
}

/** A socket and an id for each question: an answer that somebody makes up must guess both. */
function askDatagram(server: string, { message, query, openInside }: Forward, timeoutMs: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const family = isIPv6(server) ? 6 : 4;
    const id = randomInt(0x1_0000);
    let socket: Datagram;
    const done = (answer?: Uint8Array): void => {
      clearTimeout(timer);
      socket.close(() => {});
      resolve(answer);
    };
    const timer = setTimeout(done, timeoutMs);
    try {
      socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4' });
    } catch {
      clearTimeout(timer);
      resolve(undefined);
      return;
    }
    socket.on('error', () => done());
    socket.on('message', (answer) => {
      if (idOf(answer) === id && answers(answer, query)) done(answer);
    });
    const send = (): void => socket.connect(53, server, () => socket.send(withId(message, id)));
    if (openInside === undefined) send();
    else bindInside(socket, () => openInside(family), send, done);
  });
}

function bindInside(socket: Datagram, open: () => number, then: () => void, fail: () => void): void {
  try {
    socket.bind({ fd: open() }, then);
  } catch {
    fail();
  }
}

function askStream(server: string, { message, query }: Forward, timeoutMs: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const id = randomInt(0x1_0000);
    const socket = connect(53, server);
    let heard = Buffer.alloc(0);
    const done = (answer?: Uint8Array): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(done, timeoutMs);
    socket.on('error', () => done());
    socket.on('close', () => done());
    socket.on('connect', () => socket.write(framed(withId(message, id))));
    socket.on('data', (piece: Buffer) => {
      heard = Buffer.concat([heard, piece]);
      if (heard.length < 2 || heard.length < 2 + heard.readUInt16BE(0)) return;
      const answer = heard.subarray(2, 2 + heard.readUInt16BE(0));
      done(idOf(answer) === id && answers(answer, query) ? answer : undefined);
    });
  });
}

/** Messages over TCP come after their length (RFC 1035 section 4.2.2). */
export function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Math.min(message.length, LARGEST_TCP_BYTES));
  return Buffer.concat([length, message]);
}
