import { GantryError } from '#base/error.ts';
import { PACKET, PACKET_TYPE, STAT } from '../../wire/session.ts';
import { decode, type Decoded } from '../../wire/protobuf.ts';
import { checkedPath, type ContextEntry, type ContextIndex } from './context-index.ts';
import { bitsOfGoMode, typeOfGoMode } from './file-mode.ts';

/** A context larger than this is a mistake. */
const LARGEST_CONTEXT = 5_000_000;
const HEAD_BYTES = 4;

export interface Listed extends ContextEntry {
  readonly id: number;
  /** As it was before, but for the time of a directory. */
  readonly isSame: boolean;
}

export interface ListedContext {
  /** Undefined where every byte is as it was known. */
  readonly entries: readonly Listed[] | undefined;
  /** The list as it came, to know it again. */
  readonly bytes: Buffer;
}

/**
 * All that a client lists of a directory. A list of thousands of files mostly is the one that came last time: as long as its
 * bytes are the same it is not even decoded.
 */
export class ListingReader {
  readonly #before: ContextIndex;
  readonly #known: Buffer | undefined;
  /** Bytes of the known list that came again; undefined since something else did. */
  #repeated: number | undefined;
  readonly #entries: Listed[] = [];
  readonly #directories = new Set(['']);
  #bytes = Buffer.alloc(0);
  #size = 0;
  #count = 0;

  /** @param known the list that `before` was made of, as it came */
  constructor(before: ContextIndex, known: Buffer | undefined) {
    this.#before = before;
    this.#known = known;
    this.#repeated = known === undefined ? undefined : 0;
  }

  /** @returns undefined as long as there is more to come */
  take(frame: Uint8Array): ListedContext | undefined {
    const known = this.#known;
    if (known !== undefined && this.#repeated !== undefined) {
      const at = this.#repeated;
      const end = at + HEAD_BYTES + frame.length;
      if (end <= known.length && known.readUInt32LE(at) === frame.length && known.compare(frame, 0, frame.length, at + HEAD_BYTES, end) === 0) {
        this.#repeated = end;
        return end === known.length ? { entries: undefined, bytes: known } : undefined;
      }
      this.#repeated = undefined;
      for (const earlier of framesOf(known, at)) this.#decode(earlier);
    }
    return this.#decode(frame) ? { entries: this.#entries, bytes: this.#bytes.subarray(0, this.#size) } : undefined;
  }

  /** Whether it is the last. */
  #decode(frame: Uint8Array): boolean {
    this.#record(frame);
    const packet = decode(PACKET, frame);
    if (packet.type === PACKET_TYPE.error) throw failureOf(packet);
    if (packet.type !== PACKET_TYPE.stat) throw new GantryError('invalid', `the client sent packet ${packet.type} before the end of its list`);
    if (packet.stat === undefined || packet.stat.path === '') return true;
    if (this.#entries.length >= LARGEST_CONTEXT) throw new GantryError('too-large', `the context has more than ${LARGEST_CONTEXT} files`);
    const entry = entryOf(packet.stat, this.#count, this.#before);
    this.#count += 1;
    if (entry === undefined) return false;
    const parent = entry.path.slice(0, Math.max(entry.path.lastIndexOf('/'), 0));
    if (!this.#directories.has(parent)) throw new GantryError('invalid', `the context has ${JSON.stringify(entry.path)} before the directory that it is in`);
    if (entry.type === 'directory') this.#directories.add(entry.path);
    this.#entries.push(entry);
    return false;
  }

  #record(frame: Uint8Array): void {
    const end = this.#size + HEAD_BYTES + frame.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(2 * this.#bytes.length, end, 4096));
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    this.#bytes.writeUInt32LE(frame.length, this.#size);
    this.#bytes.set(frame, this.#size + HEAD_BYTES);
    this.#size = end;
  }
}

/** What a client says when it can't go on. */
export function failureOf({ data }: Decoded<typeof PACKET>): GantryError {
  return new GantryError('invalid', new TextDecoder().decode(data));
}

function* framesOf(list: Buffer, end: number): Generator<Uint8Array> {
  for (let at = 0; at < end;) {
    const length = list.readUInt32LE(at);
    yield list.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    at += HEAD_BYTES + length;
  }
}

/** Undefined for a socket, which is of no use without who listens on it. */
function entryOf(stat: Decoded<typeof STAT>, id: number, before: ContextIndex): Listed | undefined {
  const type = typeOfGoMode(stat.mode);
  if (type === 'socket') return undefined;
  const entry = { id, path: checkedPath(stat.path), type, mode: bitsOfGoMode(stat.mode), size: type === 'file' ? stat.size : 0, modified: String(stat.modTime), link: stat.linkname, device: type === 'character' || type === 'block' ? `${stat.devmajor}:${stat.devminor}` : '' };
  if (type === 'file' && entry.link !== '') checkedPath(entry.link);
  const old = before.get(entry.path);
  const isOld = old !== undefined && isSame(old, entry);
  return { ...entry, sha256: isOld ? old.sha256 : '', isSame: isOld };
}

/** Times of directories are no change: they follow from what is in them. */
function isSame(old: ContextEntry, entry: Omit<ContextEntry, 'sha256'>): boolean {
  return old.type === entry.type && old.mode === entry.mode && old.size === entry.size && old.link === entry.link && old.device === entry.device && (entry.type === 'directory' || old.modified === entry.modified);
}
