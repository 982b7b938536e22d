import { GantryError } from '#base/error.ts';
import { byteStringToText } from '#image/oci/tar/byte-string.ts';
import type { TarEntry } from '#image/oci/tar/entry.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import { PACKET_TYPE, type STAT } from '../wire/session.ts';
import type { Init } from '../wire/protobuf.ts';
import { goModeOf } from './context/file-mode.ts';
import type { PacketCall } from './context/receive.ts';

const PIECE_BYTES = 32 << 10;

/**
 * Sends a tree to a client that takes a directory, by fsutil's protocol: a list of everything, then the contents of the files
 * that it asks for. The tree is read twice, each time in the same order, so that nothing of it is held.
 * @param read the tree as a tar
 */
export async function sendDirectory(call: PacketCall, read: () => AsyncIterable<Uint8Array>): Promise<void> {
  const requests = new Requests(call);
  let count = 0;
  for await (const entry of entriesOf(read())) {
    await call.send({ type: PACKET_TYPE.stat, stat: statOf(entry) });
    count += 1;
  }
  await call.send({ type: PACKET_TYPE.stat });
  let id = -1;
  let isWanted = false;
  let size = 0;
  for await (const piece of piecesOf(read())) {
    if (piece.kind === 'entry') {
      id += 1;
      isWanted = piece.entry.type === 'file' && await requests.has(id);
      size = piece.entry.size;
      if (isWanted && size === 0) await call.send({ type: PACKET_TYPE.data, id });
    } else if (isWanted) {
      for (let at = 0; at < piece.bytes.length; at += PIECE_BYTES) await call.send({ type: PACKET_TYPE.data, id, data: piece.bytes.subarray(at, at + PIECE_BYTES) });
      size -= piece.bytes.length;
      if (size === 0) await call.send({ type: PACKET_TYPE.data, id });
    }
  }
  if (id + 1 !== count) throw new GantryError('internal', 'the files of the result changed while they were sent');
  await requests.finished;
  await call.send({ type: PACKET_TYPE.fin });
  call.end();
  await requests.ended;
}

/** What the client asks for, in the order of the list. */
class Requests {
  readonly finished: Promise<void>;
  readonly ended: Promise<void>;
  readonly #asked = new Set<number>();
  #isFinished = false;
  #change = Promise.withResolvers<void>();

  constructor(call: PacketCall) {
    const finished = Promise.withResolvers<void>();
    this.finished = finished.promise;
    this.ended = this.#listen(call, finished.resolve);
    this.ended.then(() => finished.resolve(), finished.reject);
    this.finished.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  /** Waits until the client has asked for the file, or has all that it wants. */
  async has(id: number): Promise<boolean> {
    while (!this.#asked.has(id) && !this.#isFinished) await Promise.race([this.#change.promise, this.ended]);
    return this.#asked.delete(id);
  }

  async #listen(call: PacketCall, finish: () => void): Promise<void> {
    for await (const packet of call.messages) {
      if (packet.type === PACKET_TYPE.error) throw new GantryError('invalid', new TextDecoder().decode(packet.data));
      if (packet.type === PACKET_TYPE.request) this.#asked.add(packet.id);
      if (packet.type === PACKET_TYPE.fin) {
        this.#isFinished = true;
        finish();
      }
      this.#change.resolve();
      this.#change = Promise.withResolvers();
    }
    this.#isFinished = true;
  }
}

type Piece = { readonly kind: 'entry'; readonly entry: TarEntry } | { readonly kind: 'data'; readonly bytes: Uint8Array };

async function* piecesOf(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let pieces: Piece[] = [];
  const reader = new TarReader({
    raw: () => undefined, entry: (entry) => { pieces.push({ kind: 'entry', entry }); }, data: (bytes) => { pieces.push({ kind: 'data', bytes }); }, entryEnd: () => undefined,
  });
  for await (const chunk of tar) {
    reader.push(chunk);
    const ready = pieces;
    pieces = [];
    yield* ready;
  }
  reader.end();
  yield* pieces;
}

async function* entriesOf(tar: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  for await (const piece of piecesOf(tar)) if (piece.kind === 'entry') yield piece.entry;
}

function statOf({ type, name, linkName, mode, uid, gid, size, modified, deviceMajor, deviceMinor, xattrs }: TarEntry): Init<typeof STAT> {
  const kind = type === 'hardlink' ? 'file' : type;
  return {
    path: byteStringToText(name).replace(/\/$/, ''), mode: goModeOf(kind, mode), uid, gid, size, modTime: BigInt(modified.seconds) * 1_000_000_000n + BigInt(modified.nanoseconds),
    linkname: byteStringToText(linkName), devmajor: deviceMajor, devminor: deviceMinor, xattrs: new Map([...xattrs].map(([key, value]) => [byteStringToText(key), value])),
  };
}
