import { writeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import type { PathStatus, WriteOptions } from '../files.ts';
import { ArchiveUnpacker } from './_archive-unpacker.ts';
import { ByteSink } from './_byte-sink.ts';
import { listChanges } from './_changes.ts';
import { CHILD_FD, reportResult } from './_child-result.ts';
import { containerPath, describePath, lastPart, resolveLinks, statPath } from './_container-path.ts';
import { decompressedByProgram } from './decompressor.ts';
import { inflate, input } from './_inflate.ts';
import { ERRNO, lastErrno, libc, systemError } from './_libc.ts';
import { AT_FDCWD, cPath } from './_node.ts';
import { CAPABILITY } from './_sandbox.ts';
import { TreeWriter } from './_tree-writer.ts';
import { enterView } from './_view.ts';

/**
 * Started as a process of its own, for one piece of work on the files of a container: the mount namespace comes as
 * descriptor 4. The confinement comes first.
 */
export type FilesOrder = { readonly root: string; readonly without: readonly string[] } & (
  | { readonly kind: 'status'; readonly path: string }
  /** Writes the status as one line to descriptor 1, then the tar. */
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly options: WriteOptions }
  | { readonly kind: 'export' }
  | { readonly kind: 'changes' }
);

const W_OK = 2;
const AT_EACCESS = 0x200;
const READING = [CAPABILITY.dacReadSearch];
const WRITING = [CAPABILITY.chown, CAPABILITY.dacOverride, CAPABILITY.fowner, CAPABILITY.fsetid, CAPABILITY.mknod, CAPABILITY.setfcap];

void reportResult(async (): Promise<unknown> => {
  const order = JSON.parse(process.argv[2]!) as FilesOrder;
  if (order.kind === 'write') return await write(order.path, order);
  // Attributes in trusted.* are shown to CAP_SYS_ADMIN only; the calls that make it dangerous are denied to this process.
  const capabilities = order.kind === 'changes' ? [...READING, CAPABILITY.sysAdmin] : READING;
  enterView(CHILD_FD.namespace, order, { writable: false, alone: order.kind === 'export', capabilities });
  switch (order.kind) {
    case 'status': return describePath(containerPath(order.path));
    case 'read': return read(containerPath(order.path));
    case 'changes': return listChanges();
    case 'export':
      new TreeWriter(new ByteSink(1)).write('/' as ByteString, undefined);
      return null;
  }
});

function read(path: ByteString): null {
  const status: PathStatus = describePath(path);
  const line = Buffer.from(`${JSON.stringify(status)}\n`);
  for (let at = 0; at < line.length;) at += writeSync(1, line, at);
  new TreeWriter(new ByteSink(1)).write(path, lastPart(path));
  return null;
}

async function write(path: string, order: Extract<FilesOrder, { kind: 'write' }>): Promise<null> {
  const source = await decompressedByProgram(input(0, process.stdin));
  enterView(CHILD_FD.namespace, order, { writable: true, alone: false, capabilities: WRITING });
  const directory = resolveLinks(containerPath(path));
  if (statPath(directory).type !== 'directory') throw new GantryError('invalid', 'extraction point is not a directory');
  refuseReadonly(directory);
  const unpacker = new ArchiveUnpacker(directory, order.options);
  const reader = new TarReader(unpacker);
  let isEmpty = true;
  for await (const chunk of await inflate(source)) {
    isEmpty &&= chunk.length === 0;
    reader.push(chunk);
  }
  if (!isEmpty) reader.end();
  unpacker.finish();
  return null;
}

/** Docker's words, which tell the root file system from what is mounted in it. */
function refuseReadonly(directory: ByteString): void {
  if (libc.faccessat(AT_FDCWD, cPath(directory), W_OK, AT_EACCESS) !== -1) return;
  const errno = lastErrno();
  if (errno !== ERRNO.EROFS) throw systemError(errno, 'write into the directory');
  const isRoot = statPath(directory).fileSystem === statPath('/' as ByteString).fileSystem;
  throw new GantryError('invalid', isRoot ? 'container rootfs is marked read-only' : 'mounted volume is marked read-only');
}
