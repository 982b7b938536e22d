import { closeSync, constants } from 'node:fs';
import { lchown, lutimes, mkdir, open, symlink, unlink, type FileHandle } from 'node:fs/promises';
import type { Cancellation } from '#base/cancellation.ts';
import { isKind } from '#base/error.ts';
import { baseName, entryPath, parentPath } from '#image/oci/entry-path.ts';
import type { ByteString } from '#image/oci/tar/byte-string.ts';
import type { TarEntry } from '#image/oci/tar/entry.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import { isPortableXattr } from '#image/oci/whiteout.ts';
import type { WriteOptions } from '../files.ts';
import { directResolve, shortPath } from './_direct-status.ts';
import { nodePath } from './_layer-tree.ts';
import { at, DIRECTORY, heldPath, NODE, notHere, openAt, statOf } from './_root-directory.ts';

/** With more, the start of a child is the smaller part. */
export const MOST_DIRECT_BYTES = 256 << 10;
const MOST_ENTRIES = 64;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const IMPLIED_MODE = 0o755;

interface Member {
  readonly entry: TarEntry;
  readonly path: ByteString;
  readonly content: Uint8Array[];
}

/** The directory that a small archive may go to; undefined where it takes a child, also to say what is wrong. */
export function directTarget(root: number, path: string): ByteString | undefined {
  try {
    const directory = directResolve(root, shortPath(path));
    closeSync(openAt(root, directory, DIRECTORY));
    return directory;
  } catch {
    return undefined;
  }
}

/**
 * Unpacks a plain archive of a few files, as the child does. Each name is made, and taken away, below a descriptor of its
 * directory by a call that follows no link, and what was made is changed by a descriptor of it. All of it is done by threads:
 * the container may keep its files busy.
 * @returns false where it takes a child, which unpacks all of it anew: also what went wrong is the child's to say
 */
export async function directWrite(root: number, directory: ByteString, tar: Uint8Array, options: WriteOptions, cancellation: Cancellation): Promise<boolean> {
  try {
    const members = membersOf(tar);
    for (const member of members) {
      if (cancellation.isCancelled) return false;
      await within(root, directory, member, (parent, name) => create(parent, name, member, options));
    }
    // Every entry below has changed the time of its directory.
    for (const member of members) if (member.entry.type === 'directory') await within(root, directory, member, (parent, name) => setDirectoryTime(parent, name, member.entry));
    return true;
  } catch {
    return false;
  }
}

/** The whole archive is looked through before anything of it is written. */
function membersOf(tar: Uint8Array): readonly Member[] {
  const members: Member[] = [];
  const reader = new TarReader({
    raw: () => undefined,
    entry: (entry) => {
      if (members.length === MOST_ENTRIES) throw notHere('many entries');
      if (entry.type !== 'file' && entry.type !== 'directory' && entry.type !== 'symlink') throw notHere(`a ${entry.type}`);
      if (entry.sparse !== undefined || entry.modified.nanoseconds !== 0 || [...entry.xattrs.keys()].some(isPortableXattr)) throw notHere('an entry with more than a time and a content');
      members.push({ entry, path: entryPath(entry.name), content: [] });
    },
    data: (bytes) => void members.at(-1)?.content.push(bytes),
    entryEnd: () => undefined,
  });
  reader.push(tar);
  reader.end();
  return members.filter(({ path }) => path !== '');
}

async function within(root: number, directory: ByteString, { path }: Member, run: (parent: number, name: ByteString) => Promise<void>): Promise<void> {
  const parent = openAt(root, `${directory}/${parentPath(path)}` as ByteString, DIRECTORY);
  try {
    await run(parent, baseName(path));
  } finally {
    closeSync(parent);
  }
}

async function create(parent: number, name: ByteString, { entry, content }: Member, options: WriteOptions): Promise<void> {
  const { uid, gid } = options.owner ?? entry;
  const there = kindAt(parent, name);
  const becomesDirectory = entry.type === 'directory';
  if (there !== undefined && (there === 'directory') !== becomesDirectory && (there === 'directory' || options.keepsKind)) throw notHere('another kind is there');
  // One name below a directory that is held: each of these calls takes a link for what it is.
  const path = nodePath(`${heldPath(parent)}/${name}` as ByteString);
  if (there === 'other') await unlink(path);
  if (entry.type === 'symlink') {
    await symlink(nodePath(entry.linkName), path);
    await lchown(path, uid, gid);
    await lutimes(path, entry.modified.seconds, entry.modified.seconds);
    return;
  }
  if (becomesDirectory && there !== 'directory') await mkdir(path, IMPLIED_MODE);
  const file = becomesDirectory ? await openDirectory(parent, name) : await open(path, CREATE, 0o600);
  try {
    for (const piece of content) await file.writeFile(piece);
    await file.chown(uid, gid);
    // After the owner, whose change takes set-id bits away, as writing does.
    await file.chmod(entry.mode);
    if (!becomesDirectory) await file.utimes(entry.modified.seconds, entry.modified.seconds);
  } finally {
    await file.close();
  }
}

async function setDirectoryTime(parent: number, name: ByteString, { modified }: TarEntry): Promise<void> {
  const directory = await openDirectory(parent, name);
  try {
    await directory.utimes(modified.seconds, modified.seconds);
  } finally {
    await directory.close();
  }
}

/** Not one that is mounted there, nor what a link leads to. */
async function openDirectory(parent: number, name: ByteString): Promise<FileHandle> {
  const held = openAt(parent, name, NODE);
  try {
    return await open(heldPath(held), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK);
  } finally {
    closeSync(held);
  }
}

function kindAt(parent: number, name: ByteString): 'directory' | 'other' | undefined {
  try {
    return at(parent, name, NODE, (descriptor) => statOf(descriptor).type === 'directory' ? 'directory' : 'other');
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) return undefined;
    throw thrown;
  }
}
