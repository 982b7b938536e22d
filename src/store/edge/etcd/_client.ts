import type { SecureContextOptions } from 'node:tls';
import { GantryError, messageOf } from '#base/error.ts';
import { ConnectionLost, GrpcConnection, GrpcStatus } from './_grpc.ts';
import { decodeRange, decodeTxn, decodeWatch, encodeCompaction, encodeRange, encodeTxn, encodeWatchCreate, type RangeRequest, type RangeResponse, type TxnRequest, type TxnResponse, type WatchCreate, type WatchResponse } from './_messages.ts';

/** What was asked for is compacted away; etcd does not say from where on there is something. */
export class EtcdCompacted extends Error {}

export interface EtcdPlace {
  /** `http://` or `https://`, host and port. The first that answers is taken. */
  readonly endpoints: readonly string[];
  readonly tls: SecureContextOptions;
}

const RANGE = '/etcdserverpb.KV/Range';
const TXN = '/etcdserverpb.KV/Txn';
const COMPACT = '/etcdserverpb.KV/Compact';
const WATCH = '/etcdserverpb.Watch/Watch';

/** etcd's v3 API with one connection, made anew where it broke. Everything that goes wrong is a GantryError, or EtcdCompacted. */
export class EtcdClient {
  readonly #place: EtcdPlace;
  #connection: GrpcConnection | undefined;
  #connecting: Promise<GrpcConnection> | undefined;
  #isClosed = false;

  constructor(place: EtcdPlace) {
    this.#place = place;
  }

  async range(request: RangeRequest): Promise<RangeResponse> {
    const message = encodeRange(request);
    try {
      return decodeRange(await this.#unary(RANGE, message));
    } catch (thrown) {
      if (!(thrown instanceof ConnectionLost)) throw this.#errorOf(thrown);
    }
    return decodeRange(await this.#unary(RANGE, message).catch((thrown: unknown) => { throw this.#errorOf(thrown); }));
  }

  async txn(request: TxnRequest): Promise<TxnResponse> {
    try {
      return decodeTxn(await this.#unary(TXN, encodeTxn(request)));
    } catch (thrown) {
      throw this.#errorOf(thrown);
    }
  }

  async compact(revision: number): Promise<void> {
    await this.#unary(COMPACT, encodeCompaction(revision)).catch((thrown: unknown) => { throw this.#errorOf(thrown); });
  }

  /** One watch on a call of its own, so that a slow reader holds back nobody else. Ends only by what went wrong. */
  async *watch(create: WatchCreate): AsyncGenerator<WatchResponse, void, undefined> {
    try {
      const call = (await this.#connected()).stream(WATCH);
      try {
        call.send(encodeWatchCreate(create));
        for await (const message of call.messages) yield decodeWatch(message);
      } finally {
        call.cancel();
      }
    } catch (thrown) {
      throw this.#errorOf(thrown);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
  }

  async #unary(path: string, message: Uint8Array): Promise<Uint8Array> {
    return await (await this.#connected()).unary(path, message);
  }

  async #connected(): Promise<GrpcConnection> {
    if (this.#isClosed) throw new GantryError('unavailable', 'the store is closed');
    if (this.#connection?.isClosed === false) return this.#connection;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    return await this.#connecting;
  }

  async #connect(): Promise<GrpcConnection> {
    let last: unknown;
    for (const endpoint of this.#place.endpoints) {
      try {
        const connection = await GrpcConnection.open(endpoint, this.#place.tls);
        if (this.#isClosed) connection.close();
        return (this.#connection = connection);
      } catch (thrown) {
        last = thrown;
      }
    }
    throw last;
  }

  #errorOf(thrown: unknown): Error {
    if (thrown instanceof GantryError) return thrown;
    const subject = `etcd at ${this.#place.endpoints.join(', ')}`;
    if (!(thrown instanceof GrpcStatus)) return new GantryError('unavailable', `${subject} can't be reached: ${messageOf(thrown)}`, { subject, cause: thrown, hint: 'Whether a write that it was sent was carried out has to be looked up. Check that it runs, and the address and certificates of --store.' });
    const { message, code } = thrown;
    if (/required revision has been compacted/.test(message)) return new EtcdCompacted(message);
    if (/request is too large|larger than max|too many operations/.test(message)) return new GantryError('too-large', `${subject} does not take it: ${message}`, { subject, cause: thrown, hint: 'Its bounds are --max-request-bytes and --max-txn-ops.' });
    if (/space exceeded/.test(message)) return new GantryError('exhausted', `${subject} is full: ${message}`, { subject, cause: thrown, hint: 'Compact and defragment it, raise --quota-backend-bytes, then: etcdctl alarm disarm' });
    if (code === UNAUTHENTICATED || code === PERMISSION_DENIED || /user name is empty/.test(message)) return new GantryError('forbidden', `${subject} does not let us in: ${message}`, { subject, cause: thrown, hint: 'Give a client certificate that may: --store-cert and --store-key' });
    return new GantryError(code === UNAVAILABLE || code === DEADLINE_EXCEEDED ? 'unavailable' : 'internal', `${subject} failed: ${message}`, { subject, cause: thrown });
  }
}

const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
