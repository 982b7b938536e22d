import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GantryError, messageOf } from '#base/error.ts';
import { GatheredFile } from '#base/gathered-file.ts';
import { byteStringToText } from '#image/oci/tar/byte-string.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import type { ArchiveMember } from '#image/oci/load-plan.ts';
import type { ArchiveStaging, StagedArchive } from '../port.ts';

interface Place { readonly offset: number; readonly size: number }

const LONGEST_MAGIC = 4;

/** Bytes by way of a program of the host, where their beginning asks for one, else as they come. */
export type ByProgram = (bytes: AsyncIterable<Buffer>) => Promise<AsyncIterable<Uint8Array>>;

export interface StagingLimits {
  /** Bytes of the archive for each that came; counts only once `ratioFloorBytes` are exceeded. */
  readonly ratio: number;
  readonly ratioFloorBytes: number;
  /** What is remembered of all members: their names, and a little for each. */
  readonly indexBytes: number;
}

const LIMITS: StagingLimits = { ratio: 500, ratioFloorBytes: 2 ** 30, indexBytes: 32 << 20 };
const MEMBER_BYTES = 100;

/**
 * Stages archives as files under one directory, which is emptied when it is opened.
 *
 * @param byProgram for compressions that Node has no code for
 */
export async function openDiskStaging(directory: string, byProgram: ByProgram, limits = LIMITS): Promise<ArchiveStaging> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const names = numbers();
  return { stage: (body) => stage(`${directory}/${names.next().value}`, body, byProgram, limits) };
}

function* numbers(): Generator<number, number> {
  for (let number = 0; ; number += 1) yield number;
}

async function stage(path: string, body: AsyncIterable<Uint8Array>, byProgram: ByProgram, limits: StagingLimits): Promise<StagedArchive> {
  const members: ArchiveMember[] = [];
  const places = new Map<string, Place>();
  let position = 0;
  let indexBytes = 0;
  let received = 0;
  const reader = new TarReader({
    raw: (bytes) => void (position += bytes.length),
    data: (bytes) => void (position += bytes.length),
    entry: (entry) => {
      const name = byteStringToText(entry.name);
      indexBytes += name.length + entry.linkName.length + MEMBER_BYTES;
      if (indexBytes > limits.indexBytes) throw new GantryError('too-large', `the archive has too many files, or too long names: more than ${members.length}`);
      members.push({ name, type: entry.type, size: entry.size, linkName: byteStringToText(entry.linkName) });
      if (entry.sparse === undefined) places.set(name, { offset: position, size: entry.size });
    },
    entryEnd: () => {},
  });
  const file = await open(path, 'wx', 0o600);
  try {
    const gathered = new GatheredFile(file, 0);
    for await (const chunk of await decompressed(counted(body, (bytes) => void (received += bytes)), byProgram)) {
      reader.push(chunk);
      if (gathered.end > limits.ratioFloorBytes && gathered.end > limits.ratio * received) throw new GantryError('too-large', `the archive grows to more than ${limits.ratio} times its compressed size`);
      await gathered.put(chunk);
    }
    await gathered.flush();
    reader.end();
  } catch (thrown) {
    await rm(path, { force: true });
    if (thrown instanceof GantryError) throw thrown;
    const full = (thrown as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new GantryError(full ? 'exhausted' : 'invalid', full ? 'no space left on device: the archive does not fit' : `the archive can't be read: ${messageOf(thrown)}`, {
      ...(full ? { hint: 'free some space: gantry image prune' } : {}), cause: thrown,
    });
  } finally {
    await file.close();
  }
  return staged(path, members, places);
}

function staged(path: string, members: readonly ArchiveMember[], places: ReadonlyMap<string, Place>): StagedArchive {
  const placeOf = (member: string): Place => {
    const place = places.get(member);
    if (place === undefined) throw new GantryError('invalid', `the archive has no file ${JSON.stringify(member)}`);
    return place;
  };
  const openMember = (member: string): Readable => {
    const { offset, size } = placeOf(member);
    return size === 0 ? Readable.from([]) : createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 256 * 1024 });
  };
  return {
    members,
    source: (member) => ({ kind: 'file', path, ...placeOf(member) }),
    close: () => rm(path, { force: true }),
    read: async (member, maxBytes) => {
      if (placeOf(member).size > maxBytes) throw new GantryError('too-large', `${member} of the archive has more than ${maxBytes} bytes`);
      const chunks: Buffer[] = [];
      for await (const chunk of openMember(member)) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

async function* counted(body: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    count(chunk.length);
    yield chunk;
  }
}

/** By the first bytes, as tar(1) and Docker do. */
async function decompressed(body: AsyncIterable<Uint8Array>, byProgram: ByProgram): Promise<AsyncIterable<Uint8Array>> {
  const iterator = body[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < LONGEST_MAGIC) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield Buffer.from(head);
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield asBuffer(next.value);
  }
  const hex = Buffer.from(head.subarray(0, LONGEST_MAGIC)).toString('hex');
  if (!hex.startsWith('1f8b') && hex !== '28b52ffd') return byProgram(whole());
  const { createGunzip, createZstdDecompress } = await import('node:zlib');
  const transform = hex.startsWith('1f8b') ? createGunzip() : createZstdDecompress();
  // Whoever reads is told of a failure of either.
  pipeline(Readable.from(whole(), { objectMode: false }), transform).catch(() => {});
  return transform;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
