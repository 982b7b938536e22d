import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { currentSequence, inodeOf, listOldLogs } from './log-files.ts';

const CHUNK_BYTES = 256 * 1024;

/** One file of a log, read from a place on. */
export interface Segment {
  readonly sequence: number;
  /** The monitor writes it: there may be more later. */
  readonly isCurrent: boolean;
  /** The monitor writes another one by now. What it wrote before is there to be read. */
  isLeft(): boolean;
  /** Empty where there is no more for now. */
  read(): Promise<Buffer>;
  close(): Promise<void>;
}

function plainSegment(file: FileHandle, place: { readonly sequence: number; readonly offset: number; readonly path: string; readonly inode: bigint; readonly isCurrent: boolean }): Segment {
  let position = place.offset;
  return {
    sequence: place.sequence,
    isCurrent: place.isCurrent,
    isLeft: () => {
      const now = inodeOf(place.path);
      return now !== undefined && now !== place.inode;
    },
    read: async () => {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
      position += bytesRead;
      return chunk.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

function compressedSegment(path: string, sequence: number, offset: number): Segment {
  const stream = createReadStream(path).pipe(createGunzip());
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let skip = offset;
  return {
    sequence,
    isCurrent: false,
    isLeft: () => true,
    read: async () => {
      for (;;) {
        const { value } = await chunks.next();
        if (value === undefined) return Buffer.alloc(0);
        if (skip < value.length) {
          const rest = value.subarray(skip);
          skip = 0;
          return rest;
        }
        skip -= value.length;
      }
    },
    close: async () => void stream.destroy(),
  };
}

/** The file of this number, or the oldest newer one that is still there; none where there is no log. */
export async function openSegment(path: string, sequence: number, offset: number): Promise<Segment | undefined> {
  for (;;) {
    const aside = listOldLogs(path).find((old) => old.sequence >= sequence);
    const place = { sequence: aside?.sequence ?? currentSequence(path), offset: aside === undefined || aside.sequence === sequence ? offset : 0, path };
    if (aside?.isCompressed === true) return compressedSegment(aside.path, place.sequence, place.offset);
    const file = await open(aside?.path ?? path, 'r').catch(() => undefined);
    if (file === undefined) {
      // It was compressed, or put aside, between the look and the open.
      if (listOldLogs(path).some((old) => old.sequence >= sequence)) continue;
      return undefined;
    }
    const { ino } = await file.stat({ bigint: true });
    // Put aside meanwhile: then this is not the file of that number.
    if (aside === undefined && currentSequence(path) !== place.sequence && inodeOf(path) === ino) {
      await file.close();
      continue;
    }
    return plainSegment(file, { ...place, inode: ino, isCurrent: aside === undefined });
  }
}
