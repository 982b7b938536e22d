import { execFileSync } from 'node:child_process';
import { createHash, randomUUID, type Hash } from 'node:crypto';
import { chmodSync, closeSync, constants, existsSync, fchmodSync, fstatSync, ftruncateSync, futimesSync, linkSync, lutimesSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, utimesSync, writeSync, writevSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { PACKET, PACKET_TYPE } from '../../wire/session.ts';
import { dataPacketOf, type DataPacket } from '../../wire/data-packet.ts';
import { joined } from '../../wire/grpc.ts';
import { decode, type Decoded } from '../../wire/protobuf.ts';
import type { Bidirectional } from '../grpc/client.ts';
import { ContextIndex, isLargeFile, type ContextEntry } from './context-index.ts';
import { EarlyWrites } from './early-writes.ts';
import { failureOf, ListingReader, type Listed, type ListedContext } from './listing.ts';

type Fields = (typeof PACKET)['fields'];
export type PacketCall = Bidirectional<Fields, Fields>;
type Packet = Decoded<typeof PACKET>;

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const OVERWRITE = constants.O_WRONLY | constants.O_NOFOLLOW;
/** Files that the client is asked for before the first has come: enough that it never waits. */
const REQUESTS_AHEAD = 256;

/** Progress of a transfer, in bytes of contents. */
export type TransferProgress = (bytes: number) => void;

/**
 * Receives a directory from a client by fsutil's protocol (tonistiigi/fsutil, `receive.go`): it lists everything, we ask for
 * the files that are new, it sends them. All paths are checked against what was listed before, so no link is ever followed.
 */
export class ContextReceiver {
  readonly #call: PacketCall;
  readonly #batches: AsyncIterator<readonly (readonly Uint8Array[])[]>;
  #batch: readonly (readonly Uint8Array[])[] = [];
  #taken = 0;
  readonly #progress: TransferProgress;

  constructor(call: PacketCall, progress: TransferProgress) {
    this.#call = call;
    this.#batches = call.frames[Symbol.asyncIterator]();
    this.#progress = progress;
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
    const digests = await this.#receive(directory, before, wanted);
    const entries = this.#link(directory, listed, digests);
    // Deepest first: what is made in a directory changes its time.
    for (const entry of [...listed].reverse()) {
      if (entry.type !== 'directory') continue;
      chmodSync(join(directory, entry.path), entry.mode);
      utimesSync(join(directory, entry.path), secondsOf(entry), secondsOf(entry));
    }
    return new ContextIndex(entries);
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

  async #receive(directory: string, before: ContextIndex, wanted: readonly Listed[]): Promise<ReadonlyMap<string, string>> {
    const digests = new Map<string, string>();
    const open = new Map<number, ReceivedFile>();
    const byId = new Map(wanted.map((entry) => [entry.id, entry]));
    let asked = 0;
    const ask = async (): Promise<void> => {
      const next = wanted[asked];
      asked += 1;
      if (next !== undefined) await this.#call.send({ type: PACKET_TYPE.request, id: next.id });
    };
    try {
      while (asked < Math.min(REQUESTS_AHEAD, wanted.length)) await ask();
      while (digests.size < wanted.length) {
        const packet = await this.#data();
        const entry = byId.get(packet.id);
        if (entry === undefined || digests.has(entry.path)) throw new GantryError('invalid', `the client sent a file that was not asked for (${packet.id})`);
        let file = open.get(packet.id);
        if (file === undefined) {
          const descriptor = openForContent(directory, entry, before.get(entry.path));
          file = { entry, descriptor, hash: createHash('sha256'), bytes: 0, early: isLargeFile(entry) ? new EarlyWrites(descriptor) : undefined };
          open.set(packet.id, file);
        }
        if (packet.pieces.length > 0) {
          const size = append(file, packet.pieces);
          file.early?.wrote(size);
          this.#progress(size);
          continue;
        }
        await file.early?.settled();
        open.delete(packet.id);
        if (isLargeFile(entry)) ftruncateSync(file.descriptor, file.bytes);
        fchmodSync(file.descriptor, entry.mode);
        futimesSync(file.descriptor, secondsOf(entry), secondsOf(entry));
        closeSync(file.descriptor);
        digests.set(entry.path, file.hash.digest('hex'));
        await ask();
      }
    } finally {
      for (const { descriptor, early } of open.values()) {
        await early?.settled().catch(() => undefined);
        closeSync(descriptor);
      }
    }
    return digests;
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

interface ReceivedFile {
  readonly entry: Listed;
  readonly descriptor: number;
  readonly hash: Hash;
  /** Of a large file. */
  readonly early: EarlyWrites | undefined;
  bytes: number;
}

/** Answers how many bytes it were. */
function append(file: ReceivedFile, pieces: readonly Uint8Array[]): number {
  const { descriptor, hash } = file;
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  file.bytes += size;
  // Short only where the disk is nearly full: piece by piece it is told.
  let written = writevSync(descriptor, pieces);
  for (const piece of pieces) {
    hash.update(piece);
    for (let at = Math.min(written, piece.length), rest = piece.length - at; rest > 0; rest = piece.length - at) at += writeSync(descriptor, piece, at);
    written = Math.max(0, written - piece.length);
  }
  return size;
}

function decodePacket(frame: readonly Uint8Array[]): Packet {
  const packet = decode(PACKET, joined(frame));
  if (packet.type === PACKET_TYPE.error) throw failureOf(packet);
  return packet;
}

/** Paths of all that a client has in a directory; it sends no contents. */
export async function listPaths(call: PacketCall): Promise<readonly string[]> {
  const receiver = new ContextReceiver(call, () => undefined);
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

/**
 * A large file takes the place of the one before it on disk, too: to free that and to find another takes time, and holds up whoever has
 * something synced then. Not where an earlier tree has the same file still.
 */
function openForContent(directory: string, entry: ContextEntry, old: ContextEntry | undefined): number {
  const path = join(directory, entry.path);
  if (old !== undefined && isLargeFile(old) && isLargeFile(entry) && existsSync(path)) {
    const descriptor = openSync(path, OVERWRITE);
    if (fstatSync(descriptor).nlink === 1) return descriptor;
    closeSync(descriptor);
    discard(directory, old);
  }
  return openSync(path, CREATE, 0o600);
}

/** A FIFO or a device. Node has no call for it, and they are rare. */
function makeNode(path: string, entry: ContextEntry): void {
  execFileSync('mknod', ['-m', '600', path, entry.type === 'fifo' ? 'p' : entry.type === 'character' ? 'c' : 'b', ...entry.device.split(':').filter(Boolean)], { stdio: 'ignore' });
  chmodSync(path, entry.mode);
  utimesSync(path, secondsOf(entry), secondsOf(entry));
}

/** To free what a large file takes on disk would hold everybody up: it leaves at once, and goes by and by. */
function discard(directory: string, entry: ContextEntry): void {
  const { path } = entry;
  const from = join(directory, path);
  // It may have gone with its directory.
  if (!isLargeFile(entry) || !existsSync(from)) {
    rmSync(from, { recursive: true, force: true });
    return;
  }
  // Beside the directory: what is left of it there is swept with the next load.
  const gone = `${directory}.gone-${randomUUID()}`;
  renameSync(from, gone);
  void rm(gone, { force: true }).catch(() => undefined);
}

function secondsOf({ modified }: ContextEntry): number {
  return Number(modified) / 1e9;
}
