import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, lutimesSync, mkdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { Arrival } from '#image/snapshot/tree-work.ts';
import { PACKET, PACKET_TYPE } from '../../wire/session.ts';
import { dataPacketOf, type DataPacket } from '../../wire/data-packet.ts';
import { joined } from '../../wire/grpc.ts';
import { decode, type Decoded } from '../../wire/protobuf.ts';
import type { Bidirectional } from '../grpc/client.ts';
import type { ComingFiles } from './coming-files.ts';
import { ContextIndex, isLargeFile, type ContextEntry } from './context-index.ts';
import { IncomingFiles } from './incoming-files.ts';
import { failureOf, ListingReader, type Listed, type ListedContext } from './listing.ts';
import { discard, secondsOf } from './received-file.ts';

type Fields = (typeof PACKET)['fields'];
export type PacketCall = Bidirectional<Fields, Fields>;
type Packet = Decoded<typeof PACKET>;

/** Files that the client is asked for before the first has come: enough that it never waits. */
const REQUESTS_AHEAD = 256;

/** Told of the bytes of buffers that were let go. */
export interface PassingBuffers {
  passed(bytes: number): void;
}

/** What is told of a transfer as it goes on. */
export interface TransferWatcher {
  /** Bytes of contents. */
  transferred(bytes: number): void;
  /** Something of the directory is still coming. */
  coming?(directory: string, arrival: Arrival): void;
}

/**
 * Receives a directory from a client by fsutil's protocol (tonistiigi/fsutil, `receive.go`): it lists everything, we ask for
 * the files that are new, it sends them. All paths are checked against what was listed before, so no link is ever followed.
 */
export class ContextReceiver {
  readonly #call: PacketCall;
  readonly #batches: AsyncIterator<readonly (readonly Uint8Array[])[]>;
  #batch: readonly (readonly Uint8Array[])[] = [];
  #taken = 0;
  readonly #watcher: TransferWatcher;
  readonly #passing: PassingBuffers | undefined;

  constructor(call: PacketCall, watcher: TransferWatcher, passing?: PassingBuffers) {
    this.#call = call;
    this.#batches = call.frames[Symbol.asyncIterator]();
    this.#watcher = watcher;
    this.#passing = passing;
  }

  /** All that the client has, with the digests of files that are as they were. */
  async list(before: ContextIndex, known: Buffer | undefined): Promise<ListedContext> {
    const reader = new ListingReader(before, known);
    for (;;) {
      const whole = reader.take(joined(this.#readyFrame() ?? await this.#waitFrame()));
      if (whole !== undefined) return whole;
    }
  }

  /** Brings a directory from `before` to what was listed. Answers what it holds then. */
  async update(directory: string, before: ContextIndex, listed: readonly Listed[]): Promise<ContextIndex> {
    const names = new Set(listed.map(({ path }) => path));
    for (const entry of before.entries()) if (!names.has(entry.path)) discard(directory, entry);
    const wanted: Listed[] = [];
    for (const entry of listed) {
      if (entry.isSame) continue;
      const old = before.get(entry.path);
      const isOverwritten = old !== undefined && isLargeFile(old) && isLargeFile(entry);
      if (old !== undefined && !isOverwritten && (old.type !== 'directory' || entry.type !== 'directory')) discard(directory, old);
      if (entry.type === 'file' && entry.link === '') wanted.push(entry);
      else if (entry.type === 'directory' && old?.type !== 'directory') mkdirSync(join(directory, entry.path), { mode: 0o700 });
      else if (entry.type === 'symlink') {
        symlinkSync(entry.link, join(directory, entry.path));
        lutimesSync(join(directory, entry.path), secondsOf(entry), secondsOf(entry));
      } else if (entry.type !== 'file' && entry.type !== 'directory') makeNode(join(directory, entry.path), entry);
    }
    const incoming = new IncomingFiles(directory, before, wanted);
    try {
      await this.#receive(directory, listed, incoming);
      const entries = this.#link(directory, listed, await incoming.digests());
      finishDirectories(directory, listed);
      incoming.finish();
      return new ContextIndex(entries);
    } finally {
      await incoming.close();
    }
  }

  /** Tells the client that nothing more is wanted, and waits until it has said so too. */
  async finish(): Promise<void> {
    await this.#call.send({ type: PACKET_TYPE.fin });
    this.#call.end();
    do {
      while (this.#ready() !== undefined) { /* nothing that comes now is of interest, but for errors */ }
    } while (await this.#more());
  }

  /** Further names of files. Their content was received with the first. */
  #link(directory: string, listed: readonly Listed[], digests: ReadonlyMap<string, string>): ContextEntry[] {
    const known = new Map<string, string>();
    return listed.map(({ id: _id, isSame: isOld, ...entry }) => {
      if (entry.type !== 'file') return entry;
      const sha256 = entry.link === '' ? digests.get(entry.path) ?? entry.sha256 : known.get(entry.link) ?? '';
      if (entry.link !== '') {
        if (sha256 === '') throw new GantryError('invalid', `the context has ${JSON.stringify(entry.path)} as another name of ${JSON.stringify(entry.link)}, which did not come before it`);
        // Whether or not the name was there: it belongs to the file of this listing.
        if (!isOld || digests.has(entry.link)) {
          rmSync(join(directory, entry.path), { force: true });
          linkSync(join(directory, entry.link), join(directory, entry.path));
        }
      }
      known.set(entry.path, sha256);
      return { ...entry, sha256 };
    });
  }

  async #receive(directory: string, listed: readonly Listed[], incoming: IncomingFiles): Promise<void> {
    const order = incoming.order();
    const ask = async (): Promise<void> => {
      const { value: id, done } = order.next();
      if (done !== true) await this.#call.send({ type: PACKET_TYPE.request, id });
    };
    // Further names are made at the end only.
    const tells = this.#watcher.coming !== undefined && !listed.some(({ type, link }) => type === 'file' && link !== '');
    const tell = (coming: ComingFiles | undefined): void => {
      if (coming !== undefined) this.#watcher.coming?.(directory, coming);
    };
    if (tells) tell(incoming.allComing(listed));
    for (let asked = 0; asked < REQUESTS_AHEAD; asked += 1) await ask();
    while (!incoming.isComplete) {
      if (tells && incoming.isLargeLeft) {
        const coming = incoming.largeComing();
        finishDirectories(directory, listed);
        tell(coming);
      }
      const { id, pieces } = await this.#data();
      if (pieces.length > 0) {
        const bytes = incoming.append(id, pieces);
        this.#passing?.passed(bytes);
        this.#watcher.transferred(bytes);
        continue;
      }
      await incoming.end(id);
      await ask();
    }
  }

  /** The next part of a file; of its end there are no pieces. */
  async #data(): Promise<DataPacket> {
    const frame = this.#readyFrame() ?? await this.#waitFrame();
    const quick = dataPacketOf(frame);
    if (quick !== undefined) return quick;
    const packet = decodePacket(frame);
    if (packet.type !== PACKET_TYPE.data) throw new GantryError('invalid', `the client sent packet ${packet.type} instead of contents`);
    return { id: packet.id, pieces: packet.data.length === 0 ? [] : [packet.data] };
  }

  /** A packet that has come already. */
  #ready(): Packet | undefined {
    const frame = this.#readyFrame();
    return frame === undefined ? undefined : decodePacket(frame);
  }

  #readyFrame(): readonly Uint8Array[] | undefined {
    const frame = this.#batch[this.#taken];
    if (frame !== undefined) this.#taken += 1;
    return frame;
  }

  async #waitFrame(): Promise<readonly Uint8Array[]> {
    for (;;) {
      const frame = this.#readyFrame();
      if (frame !== undefined) return frame;
      if (!await this.#more()) throw ended();
    }
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#batches.next();
    if (done === true) return false;
    this.#batch = value;
    this.#taken = 0;
    return true;
  }
}

function decodePacket(frame: readonly Uint8Array[]): Packet {
  const packet = decode(PACKET, joined(frame));
  if (packet.type === PACKET_TYPE.error) throw failureOf(packet);
  return packet;
}

/** Paths of all that a client has in a directory; it sends no contents. */
export async function listPaths(call: PacketCall): Promise<readonly string[]> {
  const receiver = new ContextReceiver(call, { transferred: () => undefined });
  const { entries = [] } = await receiver.list(new ContextIndex([]), undefined);
  await receiver.finish();
  return entries.map(({ path }) => path);
}

function ended(): GantryError {
  return new GantryError('interrupted', 'the client ended the transfer of the context');
}

export function isUnchanged(before: ContextIndex, listed: readonly Listed[]): boolean {
  return before.size === listed.length && listed.every(({ isSame: isOld }) => isOld);
}

/** A FIFO or a device. Node has no call for it, and they are rare. */
function makeNode(path: string, entry: ContextEntry): void {
  execFileSync('mknod', ['-m', '600', path, entry.type === 'fifo' ? 'p' : entry.type === 'character' ? 'c' : 'b', ...entry.device.split(':').filter(Boolean)], { stdio: 'ignore' });
  chmodSync(path, entry.mode);
  utimesSync(path, secondsOf(entry), secondsOf(entry));
}

/** Deepest first: what is made in a directory changes its time. */
function finishDirectories(directory: string, listed: readonly Listed[]): void {
  for (const entry of [...listed].reverse()) {
    if (entry.type !== 'directory') continue;
    chmodSync(join(directory, entry.path), entry.mode);
    utimesSync(join(directory, entry.path), secondsOf(entry), secondsOf(entry));
  }
}
