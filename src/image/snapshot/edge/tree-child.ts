import { closeSync, constants, fsyncSync, openSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { GantryError } from '#base/error.ts';
import { byteStringToText, textToByteString, type ByteString } from '#image/oci/tar/byte-string.ts';
import type { Timestamp } from '#image/oci/tar/entry.ts';
import { joinPath, PathRules, realPath, type PathRule } from '../tree-selection.ts';
import type * as Archives from './_archive-copy.ts';
import type { TreeAction, TreeEntry, TreeSelection } from '../tree-work.ts';
import { Arrivals, type ComingFile } from './_arrivals.ts';
import { ByteSink } from './_byte-sink.ts';
import { reportAnswer, reportResult } from './_child-result.ts';
import { WaitingPrograms, type ProgramName } from './decompressor.ts';
import { DiffWriter } from './_diff-writer.ts';
import { FsView } from './_fs-view.ts';
import { GivenFiles, type GivenFile } from './_given-files.ts';
import { nodePath } from './_layer-tree.ts';
import { OrderLines } from './_order-lines.ts';
import { check, libc } from './_libc.ts';
import { cPath, setTimes } from './_node.ts';
import { collectFiles } from './_collect-files.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';
import { Sha256 } from './_sha256.ts';
import { removeStubs, TreeAssembly } from './_tree-assembly.ts';
import { TreeCopy } from './_tree-copy.ts';
import { digestTree } from './_tree-digest.ts';
import { mountTrees, type TreeMount } from './_tree-mounts.ts';

/**
 * Started as a process of its own, for one piece of work on trees of files, which are mounted below a directory that becomes
 * its root: `/dst` what is written to, `/upper` what was written, `/lower` what lies below, `/src0` and so on to read from.
 * Where files are given, `/made` has `given` with them and `upper`, to rename between them. The order is a line on descriptor 0. One to seal waits for another line once all is mounted,
 * and one with files that are arriving is told of them.
 */
export interface TreeOrder {
  readonly root: string;
  readonly mounts: readonly TreeMount[];
  readonly work: TreeTask;
  /** Programs that run beside it, since it said that it needs them. */
  readonly programs?: readonly ProgramName[];
}

/** What it takes to begin: the work is to be ordered again with these. Nothing was written. */
export interface NeededPrograms {
  readonly needs: readonly ProgramName[];
}

/** Of what others will read of the whole: `/dst`, or `/merged` where something is sealed. */
export type Digests = readonly (readonly TreeSelection[])[];

export type TreeTask =
  | { readonly kind: 'assemble'; readonly sources: number; readonly actions: readonly TreeAction[]; readonly epochSeconds?: number; readonly given: readonly GivenFile[]; readonly digests: Digests; readonly arriving?: readonly ComingFile[]; readonly waits?: boolean }
  | { readonly kind: 'seal'; readonly stubs: readonly string[]; readonly digests: Digests }
  | { readonly kind: 'retime'; readonly epochSeconds: number }
  | { readonly kind: 'digest'; readonly selections: readonly TreeSelection[] }
  | { readonly kind: 'tar' }
  | { readonly kind: 'read'; readonly path: string; readonly maxBytes: number }
  | { readonly kind: 'collect'; readonly patterns: readonly string[]; readonly maxBytes: number }
  | { readonly kind: 'copy-out'; readonly path: string }
  | { readonly kind: 'unpack'; readonly name: string }
  | { readonly kind: 'exclude'; readonly rules: readonly PathRule[] }
  | { readonly kind: 'real-path'; readonly path: string }
  | { readonly kind: 'stat'; readonly path: string; readonly children: boolean };

export interface SealedTree {
  /** Hex of the SHA-256 of the layer's tar. */
  readonly sha256: string;
  /** Of the same; absent where the processor was needed for what still came. */
  readonly crc32?: number;
  readonly tarBytes: number;
  readonly contentBytes: number;
  readonly entries: number;
  /** Null for what could not be read. */
  readonly digests: readonly (string | null)[];
}

const WRITING = [CAPABILITY.chown, CAPABILITY.dacOverride, CAPABILITY.dacReadSearch, CAPABILITY.fowner, CAPABILITY.fsetid, CAPABILITY.mknod, CAPABILITY.setfcap, CAPABILITY.sysAdmin];
/** A layer of a few files waits for no other writer of the disk. */
const FEW_ENTRIES = 100;
/** SYNC_FILE_RANGE_WRITE of linux/fs.h: what is not on its way to the disk sets out, and nobody waits. */
const WRITE_OUT = 2;
const LARGE_FILE = 8 << 20;
const NO_PROGRAMS = new WaitingPrograms([]);
const WRITES: ReadonlySet<TreeTask['kind']> = new Set(['assemble', 'seal', 'retime', 'copy-out', 'unpack', 'exclude']);
const READING = [CAPABILITY.dacReadSearch, CAPABILITY.sysAdmin];

void reportResult(async () => {
  const lines = new OrderLines();
  const { root, mounts, work, programs } = JSON.parse(lines.next() ?? '{}') as TreeOrder;
  // No module can be loaded once it is confined; what few need would cost all of them their start.
  const archives = work.kind === 'unpack' || (work.kind === 'assemble' && work.actions.some((action) => action.kind === 'copy' && action.unpacks)) ? await import('./_archive-copy.ts') : undefined;
  const waiting = programs === undefined ? undefined : new WaitingPrograms(programs);
  const writes = WRITES.has(work.kind);
  enterSandbox({ directory: root, writable: false, capabilities: writes ? WRITING : READING, mount: () => mountTrees(root, mounts) });
  // The files are still written to.
  if (work.kind === 'seal' && lines.next() === undefined) throw new GantryError('interrupted', 'the layer is wanted no more');
  return await perform(work, lines, waiting, archives);
});

async function perform(work: TreeTask, lines: OrderLines, programs: WaitingPrograms | undefined, archives: typeof Archives | undefined): Promise<unknown> {
  const source = new FsView('/src0');
  switch (work.kind) {
    case 'assemble': {
      const arrivals = work.arriving === undefined ? undefined : new Arrivals(work.arriving, lines, reportAnswer);
      const sources = Array.from({ length: work.sources }, (_, index) => new FsView(`/src${index}`, arrivals));
      const given = work.given.length === 0 ? undefined : new GivenFiles(new FsView('/made/given'), new FsView('/made/upper'), work.given);
      const assembly = new TreeAssembly(new FsView('/dst'), sources, work.epochSeconds, { archives, given });
      // There is nothing left to be told of then.
      const coming = work.waits === true ? undefined : arrivals;
      if (work.waits === true) arrivals?.waitForAll();
      const needs = programs === undefined ? assembly.programs(work.actions) : [];
      if (needs.length > 0) return { needs } satisfies NeededPrograms;
      await assembly.run(work.actions, programs ?? NO_PROGRAMS);
      return { ...seal(coming), digests: digestsOf('/dst', work.digests) };
    }
    case 'copy-out':
      new TreeCopy(source, new FsView('/dst'), { rules: new PathRules([]) }).copyTo(textToByteString(work.path), '/');
      return null;
    case 'seal':
      removeStubs(new FsView('/upper'), new FsView('/lower'), work.stubs);
      return { ...seal(), digests: digestsOf('/merged', work.digests) };
    case 'retime':
      boundTimes(new FsView('/upper'), '' as ByteString, { seconds: work.epochSeconds, nanoseconds: 0 });
      return { ...seal(), digests: [] };
    case 'digest': return digestTree(source, work.selections);
    case 'tar': {
      process.chdir('/src0');
      new DiffWriter(new ByteSink(1)).write();
      return null;
    }
    case 'unpack': {
      const file = source.at(textToByteString(work.name));
      const needed = programs === undefined ? archives?.programOf(file) : undefined;
      if (needed !== undefined) return { needs: [needed] } satisfies NeededPrograms;
      const archive = await archives?.openArchive(file, programs ?? NO_PROGRAMS);
      if (archive === undefined) throw new GantryError('invalid', 'the context is no tar archive');
      await archives?.unpackArchive(archive, new FsView('/dst'), { uid: 0, gid: 0 });
      return null;
    }
    case 'exclude':
      removeExcluded(new FsView('/dst'), '' as ByteString, new PathRules(work.rules));
      return null;
    case 'real-path': {
      const real = realPath(source, textToByteString(work.path), true);
      return source.type(real) === undefined ? null : byteStringToText(real);
    }
    case 'collect': return collectFiles(source, work.patterns, work.maxBytes);
    case 'read': return readContent(source, work.path, work.maxBytes);
    case 'stat': return work.children ? listOf(source, work.path) : statOf(source, work.path);
  }
}

/** The tar of what was written is named by its digest, and all of it is on disk. */
function seal(arrivals?: Arrivals): Omit<SealedTree, 'digests'> {
  process.chdir('/upper');
  const hash = new Sha256();
  let tarBytes = 0;
  let checksum = 0;
  const writer = new DiffWriter(new ByteSink(undefined, (bytes) => {
    hash.update(bytes);
    if (arrivals === undefined) checksum = crc32(bytes, checksum);
    tarBytes += bytes.length;
    return undefined;
  }), { opened: beginWriting, ...(arrivals === undefined ? {} : { arrivals }) });
  writer.write();
  arrivals?.waitForAll();
  if (writer.entries <= FEW_ENTRIES) syncEach(new FsView('/upper'), '' as ByteString);
  else syncAll();
  return { sha256: hash.end(), ...(arrivals === undefined ? { crc32: checksum } : {}), tarBytes, contentBytes: writer.contentBytes, entries: writer.entries };
}

/** The disk works while the file is hashed. Only a hint: the sync at the end is what counts. */
function beginWriting(descriptor: number, size: number): void {
  if (size >= LARGE_FILE) libc.sync_file_range(descriptor, 0n, 0n, WRITE_OUT);
}

/** Whoever reads what can't be read is told then. */
function digestsOf(root: string, all: Digests): (string | null)[] {
  return all.map((selections) => {
    try {
      return digestTree(new FsView(root), selections);
    } catch {
      return null;
    }
  });
}

function boundTimes(view: FsView, path: ByteString, latest: Timestamp): void {
  const status = view.stat(path);
  if (status === undefined) return;
  if (status.type === 'directory') for (const name of view.children(path)) boundTimes(view, joinPath(path, name), latest);
  const { seconds, nanoseconds } = status.modified;
  if (seconds > latest.seconds || (seconds === latest.seconds && nanoseconds > 0)) setTimes(view.at(path), latest);
}

function syncEach(view: FsView, path: ByteString): void {
  const type = view.type(path);
  if (type !== 'file' && type !== 'directory') return;
  if (type === 'directory') for (const name of view.children(path)) syncEach(view, joinPath(path, name));
  const descriptor = openSync(nodePath(view.at(path)), constants.O_RDONLY | constants.O_NOFOLLOW);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function syncAll(): void {
  const root = check(libc.open(cPath('' as ByteString), 0, 0), 'open the layer');
  check(libc.syncfs(root), 'write the layer to disk');
}

function readContent(view: FsView, path: string, maxBytes: number): string | null {
  const real = realPath(view, textToByteString(path), true);
  const status = view.stat(real);
  if (status === undefined) return null;
  if (status.type !== 'file') throw new GantryError('invalid', `${path} is no file`);
  if (status.size > maxBytes) throw new GantryError('too-large', `${path} has more than ${maxBytes} bytes`);
  return readFileSync(nodePath(view.at(real))).toString('base64');
}

/** A directory stays where something below it does. */
function removeExcluded(view: FsView, directory: ByteString, rules: PathRules): void {
  for (const name of view.children(directory)) {
    const path = joinPath(directory, name);
    const isDirectory = view.type(path) === 'directory';
    if (isDirectory) removeExcluded(view, path, rules);
    if (!rules.excludes(byteStringToText(path))) continue;
    if (!isDirectory) check(libc.unlink(cPath(view.at(path))), 'leave a file out');
    else if (view.children(path).length === 0) check(libc.rmdir(cPath(view.at(path))), 'leave a directory out');
  }
}

function statOf(view: FsView, path: string): TreeEntry | null {
  return entryOf(view, realPath(view, textToByteString(path), true));
}

function listOf(view: FsView, path: string): TreeEntry[] | null {
  const real = realPath(view, textToByteString(path), true);
  if (view.type(real) !== 'directory') return null;
  return view.children(real).flatMap((name) => entryOf(view, joinPath(real, name)) ?? []);
}

function entryOf(view: FsView, path: ByteString): TreeEntry | null {
  const status = view.stat(path);
  if (status === undefined) return null;
  const { type, mode, uid, gid, size, modified, deviceMajor, deviceMinor } = status;
  return {
    path: byteStringToText(path.slice(path.lastIndexOf('/') + 1) as ByteString), type, mode, uid, gid, size: type === 'file' ? size : 0, ...modified,
    linkTarget: type === 'symlink' ? view.linkTarget(path) : '', deviceMajor, deviceMinor,
  };
}
