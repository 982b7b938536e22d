import { GantryError, messageOf } from '#base/error.ts';
import { bytesToByteString, quoteName, type ByteString } from './byte-string.ts';
import type { Segment, TarEntry } from './entry.ts';
import { checkGlobalRecords, combine, NO_EXTENSION, readExtension, type Extension } from './extension.ts';
import { BLOCK, isZeroBlock, parseHeader, type HeaderBlock } from './header.ts';
import { parsePax, type PaxRecord } from './pax.ts';
import { checkSegments, MapReader, oldGnuRealSize, readOldGnuMap, readPaxMap } from './sparse.ts';

/**
 * What a reader calls back. `raw` and `data` together, in order, are the archive byte for byte: `data` is the content of
 * files, `raw` all else. Bytes are views of the caller's chunks, good until the call returns.
 */
export interface TarHandler {
  raw(bytes: Uint8Array): void;
  entry(entry: TarEntry): void;
  data(bytes: Uint8Array): void;
  /** The content of the entry is complete. Comes for every entry. */
  entryEnd(): void;
}

export interface TarLimits {
  /** Bytes of one PAX header. */
  readonly extensionBytes: number;
  /** Bytes of one name, or target of a link. */
  readonly nameBytes: number;
}

export const TAR_LIMITS: TarLimits = { extensionBytes: 1 << 20, nameBytes: 64 << 10 };

const PAX_LOCAL = 'x';
const PAX_GLOBAL = 'g';
const GNU_NAME = 'L';
const GNU_LINK = 'K';
const NOTHING = new Uint8Array(0);

type State =
  | { readonly at: 'header' }
  | { readonly at: 'extension'; readonly flag: string; readonly size: number }
  | { readonly at: 'old-sparse-map'; readonly header: HeaderBlock; readonly realSize: number; readonly map: Segment[] }
  | { readonly at: 'sparse-map'; readonly entry: TarEntry; readonly realSize: number; readonly map: MapReader }
  | { readonly at: 'data' }
  | { readonly at: 'padding' }
  | { readonly at: 'zero' } // one block of zeros was seen
  | { readonly at: 'end' };

/**
 * Reads an archive that is pushed in chunks of any size. ustar, V7, GNU (long names, old sparse files) and PAX (also
 * sparse 0.0, 0.1, 1.0). An archive that readers are known to understand in different ways is refused (`invalid`), as is
 * one that ends inside an entry; what follows the end marker is passed on as `raw` and not looked at.
 */
export class TarReader {
  readonly #handler: TarHandler;
  readonly #limits: TarLimits;
  #state: State = { at: 'header' };
  /** What is still to come of the data or of the padding; in an extension header, its length without padding. */
  #left = 0;
  /** Bytes that follow the data. */
  #padding = 0;
  /** Collects blocks, or an extension, that a chunk cuts in two. */
  #pending: Uint8Array = NOTHING;
  #pendingLength = 0;
  #global: PaxRecord[] = [];
  #local: PaxRecord[] | undefined;
  #longName: ByteString | undefined;
  #longLink: ByteString | undefined;
  #position = 0;
  /** Of the entry that is read, or was read last. */
  #name: ByteString | undefined;

  constructor(handler: TarHandler, limits: TarLimits = TAR_LIMITS) {
    this.#handler = handler;
    this.#limits = limits;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const rest = at === 0 ? chunk : chunk.subarray(at);
      at += this.#step(rest);
    }
    this.#position += chunk.length;
  }

  /** Nothing follows. Throws `invalid` where something had to. */
  end(): void {
    const { at } = this.#state;
    const extended = this.#local !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
    const complete = (at === 'header' && this.#pendingLength === 0 && !extended) || at === 'zero' || at === 'end';
    // A beginning of the second block of zeros is part of the archive too: without it the same bytes could not be made again.
    if (at === 'zero' && this.#pendingLength > 0) this.#handler.raw(this.#pending.subarray(0, this.#pendingLength));
    // Every reader that images meet takes an archive whose last padding or end marker is missing.
    if (complete || at === 'padding') return;
    throw new GantryError('invalid', `the archive is truncated: it ends after ${this.#position} bytes, inside ${this.#subject()}`);
  }

  #step(rest: Uint8Array): number {
    switch (this.#state.at) {
      case 'data': return this.#passData(rest);
      case 'padding': return this.#passPadding(rest);
      case 'end': this.#handler.raw(rest); return rest.length;
      case 'extension': return this.#collect(rest, this.#state.size);
      case 'header': case 'zero': case 'old-sparse-map': case 'sparse-map': return this.#collect(rest, BLOCK);
    }
  }

  /** Passes a whole unit on when it is there: straight from the chunk where it can. */
  #collect(rest: Uint8Array, size: number): number {
    if (this.#pendingLength === 0 && rest.length >= size) {
      this.#unit(rest.subarray(0, size));
      return size;
    }
    if (this.#pending.length < size) {
      const larger = new Uint8Array(size);
      larger.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = larger;
    }
    const taken = Math.min(rest.length, size - this.#pendingLength);
    this.#pending.set(rest.subarray(0, taken), this.#pendingLength);
    this.#pendingLength += taken;
    if (this.#pendingLength === size) {
      const unit = this.#pending.subarray(0, size);
      this.#pendingLength = 0;
      this.#unit(unit);
    }
    return taken;
  }

  #unit(unit: Uint8Array): void {
    const state = this.#state;
    switch (state.at) {
      case 'header': case 'zero': this.#handler.raw(unit); this.#located(() => this.#header(unit)); break;
      case 'extension': this.#handler.raw(unit); this.#located(() => this.#extension(unit, state.flag)); break;
      case 'old-sparse-map': this.#handler.raw(unit); this.#located(() => this.#oldMap(unit, state)); break;
      case 'sparse-map': this.#handler.raw(unit); this.#located(() => this.#map(unit, state)); break;
      default: break;
    }
  }

  #header(block: Uint8Array): void {
    if (isZeroBlock(block)) {
      if (this.#state.at === 'header' && (this.#local ?? this.#longName ?? this.#longLink) !== undefined) {
        throw new GantryError('invalid', 'an extension header is followed by the end of the archive');
      }
      this.#state = { at: this.#state.at === 'zero' ? 'end' : 'zero' };
      return;
    }
    if (this.#state.at === 'zero') throw new GantryError('invalid', 'a single block of zeros stands between entries');
    const header = parseHeader(block);
    if ([PAX_LOCAL, PAX_GLOBAL, GNU_NAME, GNU_LINK].includes(header.typeFlag)) this.#openExtension(header);
    else if (header.typeFlag === 'S') this.#openOldSparse(header, block);
    else this.#openEntry(header);
  }

  #openExtension(header: HeaderBlock): void {
    const { typeFlag: flag, size } = header;
    const isName = flag === GNU_NAME || flag === GNU_LINK;
    const limit = isName ? this.#limits.nameBytes : this.#limits.extensionBytes;
    if (size < 0 || size > limit) throw new GantryError('too-large', `an extension header has ${size} bytes, more than ${limit}`);
    if (flag !== PAX_GLOBAL && this.#isTaken(flag)) throw new GantryError('invalid', 'two extension headers of a kind precede one entry');
    this.#left = size;
    if (size === 0) this.#extension(NOTHING, flag);
    else this.#state = { at: 'extension', flag, size: padded(size) };
  }

  #isTaken(flag: string): boolean {
    if (flag === PAX_LOCAL) return this.#local !== undefined;
    return (flag === GNU_NAME ? this.#longName : this.#longLink) !== undefined;
  }

  #extension(unit: Uint8Array, flag: string): void {
    const body = unit.subarray(0, this.#left);
    this.#state = { at: 'header' };
    if (flag === PAX_LOCAL) this.#local = parsePax(body);
    else if (flag === PAX_GLOBAL) this.#addGlobal(parsePax(body));
    else if (flag === GNU_NAME) this.#longName = untilNul(body);
    else this.#longLink = untilNul(body);
  }

  #addGlobal(records: readonly PaxRecord[]): void {
    checkGlobalRecords(records);
    const keys = new Set(records.map(({ key }) => key));
    this.#global = [...this.#global.filter(({ key }) => !keys.has(key)), ...records];
    if (this.#global.length > 10_000) throw new GantryError('too-large', 'global PAX headers have more than 10000 records');
  }

  /** Extension headers count for one entry. Two of them that say the same thing in two ways are refused. */
  #takeExtension(): Extension {
    if (this.#local === undefined && this.#longName === undefined && this.#longLink === undefined && this.#global.length === 0) return NO_EXTENSION;
    const extension = readExtension([...this.#global, ...this.#local ?? []]);
    const both = (this.#longName !== undefined && extension.name !== undefined)
      || (this.#longLink !== undefined && extension.linkName !== undefined);
    if (both) throw new GantryError('invalid', 'a PAX header and a GNU header both name the entry');
    const names = {
      ...(this.#longName === undefined ? {} : { name: this.#longName }),
      ...(this.#longLink === undefined ? {} : { linkName: this.#longLink }),
    };
    this.#longName = this.#longLink = undefined;
    return { ...extension, ...names };
  }

  #openEntry(header: HeaderBlock): void {
    const extension = this.#takeExtension();
    const records = this.#local ?? [];
    this.#local = undefined;
    const entry = this.#checkedEntry(combine(header, extension));
    const { sparse } = extension;
    if (sparse === undefined || entry.type !== 'file') {
      this.#emit(entry, entry.size);
      return;
    }
    if (sparse.major === 1 && sparse.minor === 0) {
      this.#openMap(entry, sparse.realSize);
      return;
    }
    const map = sparse.major === 0 ? readPaxMap(records) : undefined;
    if (map === undefined) throw new GantryError('invalid', `the sparse format ${sparse.major}.${sparse.minor} is unknown or has no map`);
    this.#emitSparse(entry, map, sparse.realSize, entry.size);
  }

  #openOldSparse(header: HeaderBlock, block: Uint8Array): void {
    if (header.format !== 'gnu') throw new GantryError('invalid', 'a sparse entry has no GNU header');
    const map: Segment[] = [];
    const more = readOldGnuMap(block, true, map);
    const state = { at: 'old-sparse-map', header, realSize: oldGnuRealSize(block), map } as const;
    if (more) this.#state = state;
    else this.#finishOldMap(state);
  }

  #oldMap(block: Uint8Array, state: Extract<State, { at: 'old-sparse-map' }>): void {
    if (!readOldGnuMap(block, false, state.map)) this.#finishOldMap(state);
  }

  #finishOldMap(state: Extract<State, { at: 'old-sparse-map' }>): void {
    const entry = this.#checkedEntry(combine(state.header, this.#takeExtension()));
    this.#local = undefined;
    this.#emitSparse(entry, state.map, state.realSize, entry.size);
  }

  #openMap(entry: TarEntry, realSize: number): void {
    if (entry.size < BLOCK) throw new GantryError('invalid', 'a sparse file has no room for its map');
    this.#state = { at: 'sparse-map', entry, realSize, map: new MapReader() };
  }

  #map(block: Uint8Array, state: Extract<State, { at: 'sparse-map' }>): void {
    const map = state.map.add(block);
    if (map === undefined) {
      if (state.map.bytes >= state.entry.size) throw new GantryError('invalid', 'the map of a sparse file does not end');
      return;
    }
    const stored = state.entry.size - state.map.bytes;
    if (stored < 0) throw new GantryError('invalid', 'the map of a sparse file is longer than its entry');
    this.#emitSparse(state.entry, map, state.realSize, stored);
  }

  #emitSparse(entry: TarEntry, map: readonly Segment[], realSize: number, stored: number): void {
    this.#emit({ ...entry, size: realSize, sparse: checkSegments(map, realSize, stored) }, stored);
  }

  #emit(entry: TarEntry, stored: number): void {
    this.#handler.entry(entry);
    this.#left = stored;
    this.#padding = padded(stored) - stored;
    if (stored > 0) this.#state = { at: 'data' };
    else this.#finishEntry();
  }

  #finishEntry(): void {
    this.#handler.entryEnd();
    this.#left = this.#padding;
    this.#state = { at: this.#left > 0 ? 'padding' : 'header' };
  }

  #passData(rest: Uint8Array): number {
    const taken = Math.min(rest.length, this.#left);
    this.#handler.data(taken === rest.length ? rest : rest.subarray(0, taken));
    this.#left -= taken;
    if (this.#left === 0) this.#finishEntry();
    return taken;
  }

  #passPadding(rest: Uint8Array): number {
    const taken = Math.min(rest.length, this.#left);
    this.#handler.raw(rest.subarray(0, taken));
    this.#left -= taken;
    if (this.#left === 0) this.#state = { at: 'header' };
    return taken;
  }

  #checkedEntry(entry: TarEntry): TarEntry {
    this.#name = entry.name;
    if (entry.name.length > this.#limits.nameBytes || entry.linkName.length > this.#limits.nameBytes) {
      throw new GantryError('too-large', `a name has more than ${this.#limits.nameBytes} bytes`);
    }
    return entry;
  }

  #subject(): string {
    return this.#name === undefined ? 'the first entry' : `entry ${quoteName(this.#name)}`;
  }

  /** Errors of the parts know what is wrong; here is known where. */
  #located(parse: () => void): void {
    try {
      parse();
    } catch (error) {
      if (!(error instanceof GantryError) || error.subject !== undefined) throw error;
      throw new GantryError(error.kind, `${messageOf(error)} (at or after byte ${this.#position}, ${this.#subject()} or the next)`, {
        subject: this.#subject(), cause: error,
      });
    }
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function untilNul(bytes: Uint8Array): ByteString {
  const nul = bytes.indexOf(0);
  return bytesToByteString(nul < 0 ? bytes : bytes.subarray(0, nul));
}
