import { closeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { check, libc } from '../libc.ts';
import { inNetworkNamespace, openNamespace } from '../namespaces.ts';
import { systemError, type CallContext } from '../system-error.ts';
import { concat, decodeAcknowledgement, decodeMessages, encodeMessage, FLAG, MESSAGE, type NetlinkMessage } from './codec.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2_000_000;
const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const MSG_DONTWAIT = 0x40;

/** The kernel fills at most this for a dump, and every acknowledgement takes about 1 KiB of the 200 KiB it queues. */
const RECEIVE_BYTES = 32 * 1024;
const MAX_BATCH = 100;

/** One change, or one question. `context` says what it is for, should it fail. */
export interface NetlinkRequest {
  readonly type: number;
  /** Besides `request` and `ack`, which every one has. */
  readonly flags: number;
  readonly body: Uint8Array;
  readonly context: CallContext;
}

/**
 * A socket to the routing part of the kernel, in the network namespace in which it was opened, for as long as it is open:
 * it also keeps that namespace alive. All calls are synchronous: the kernel answers before `send` returns.
 */
export class RouteSocket {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(RECEIVE_BYTES);
  #sequence = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Makes all the changes in order, in one send. The kernel does not stop at one that fails: this throws for the first
   * that did, and those after it were tried, too. Undo by deleting the namespace or the link.
   */
  apply(requests: readonly NetlinkRequest[]): void {
    for (let at = 0; at < requests.length; at += MAX_BATCH) this.#applyBatch(requests.slice(at, at + MAX_BATCH));
  }

  /** Bodies of the one answer, or of all of a dump. */
  ask(request: NetlinkRequest): readonly Uint8Array[] {
    const isDump = (request.flags & FLAG.dump) === FLAG.dump;
    const sequence = this.#send([isDump ? request : { ...request, flags: request.flags | FLAG.ack }]);
    const bodies: Uint8Array[] = [];
    for (;;) {
      for (const message of this.#receive(request.context)) {
        if (message.sequence !== sequence) continue;
        if (message.type === MESSAGE.error) {
          throwIfFailed(message, request.context);
          return bodies;
        }
        if (message.type === MESSAGE.done) return bodies;
        bodies.push(Uint8Array.from(message.body));
      }
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #applyBatch(requests: readonly NetlinkRequest[]): void {
    const [first] = requests;
    if (first === undefined) return;
    const firstSequence = this.#send(requests.map((request) => ({ ...request, flags: request.flags | FLAG.ack })));
    let failure: GantryError | undefined;
    for (let answered = 0; answered < requests.length;) {
      for (const message of this.#receive(first.context)) {
        const request = requests[message.sequence - firstSequence];
        if (request === undefined || message.type !== MESSAGE.error) continue;
        answered += 1;
        failure ??= failureOf(message, request.context);
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Answers the sequence number of the first. */
  #send(requests: readonly Omit<NetlinkRequest, 'context'>[]): number {
    const first = this.#sequence + 1;
    this.#sequence += requests.length;
    const bytes = concat(...requests.map((request, index) => encodeMessage({
      type: request.type, flags: request.flags | FLAG.request, sequence: first + index, body: request.body,
    })));
    check('send', libc.send(this.#fd, bytes, BigInt(bytes.length), 0), { action: 'talk to the kernel about links' });
    return first;
  }

  #receive(context: CallContext): readonly NetlinkMessage[] {
    // Nothing to read means that an answer is missing: better an error than a daemon that waits for ever.
    const length = check('recv', libc.recv(this.#fd, this.#buffer, BigInt(RECEIVE_BYTES), MSG_DONTWAIT), context);
    return decodeMessages(this.#buffer.subarray(0, length));
  }
}

/** In the network namespace of the calling thread. */
export function openRouteSocket(): RouteSocket {
  return open(NETLINK_ROUTE, 'for links and addresses');
}

/** The same to the firewall and its connections. */
export function openNetfilterSocket(): RouteSocket {
  return open(NETLINK_NETFILTER, 'for the firewall');
}

function open(protocol: number, purpose: string): RouteSocket {
  const fd = check('socket', libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), { action: `open a socket to the kernel ${purpose}` });
  const one = Buffer.from([1, 0, 0, 0]);
  for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
    // Better messages and stricter dumps where the kernel has them.
    libc.setsockopt(fd, SOL_NETLINK, option, one, one.length);
  }
  return new RouteSocket(fd);
}

/** In the network namespace `netnsFd`; the thread is back in its own when this returns. */
export function openNamespaceSocket(netnsFd: number): RouteSocket {
  const home = openNamespace('net');
  try {
    return inNetworkNamespace(netnsFd, home, openRouteSocket);
  } finally {
    closeSync(home);
  }
}

function failureOf(message: NetlinkMessage, context: CallContext): GantryError | undefined {
  const { errno, text } = decodeAcknowledgement(message);
  return errno === 0 ? undefined : systemError('netlink', errno, context, text);
}

function throwIfFailed(message: NetlinkMessage, context: CallContext): void {
  const failure = failureOf(message, context);
  if (failure !== undefined) throw failure;
}
