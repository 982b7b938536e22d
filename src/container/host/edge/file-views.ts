import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import type { FilesMount, FilesQuery, OpenFiles } from '../files.ts';
import type { Overlay } from '../step.ts';
import { identityOf } from './found-processes.ts';
import type { HostContext } from './host-context.ts';
import { boundingSet } from './linux/bounding-set.ts';
import { parseMountinfo } from './linux/mountinfo.ts';
import { bindMount, mount, remountBind } from './linux/mounts.ts';
import { inMountNamespace, openNamespace, withMountNamespace } from './linux/namespaces.ts';
import { openInRoot } from './linux/open-in-root.ts';
import { mountOverlay } from './linux/overlay.ts';
import { isAlive } from './linux/processes.ts';

const O_PATH = 0o10000000;
const CAP_SYS_ADMIN = 1n << 21n;
/** A container's view of the kernel: nothing that can be copied. */
const KERNEL_MOUNTS = ['/proc', '/sys', '/dev'];

/** Prepares the files of a container as a mount namespace. Nothing is mounted that anybody else sees. */
export function openFiles(context: HostContext, query: FilesQuery): OpenFiles {
  switch (query.kind) {
    case 'running': {
      const namespace = openOfProcess(query.process);
      return opened(namespace, '/', KERNEL_MOUNTS, openRoot(context, namespace, query.process.pid));
    }
    case 'at-rest': {
      const { namespace, directory } = withMountNamespace(context.mountsFd, () => mountAtRest(query));
      return opened(namespace, query.overlay.target, [], directory);
    }
    case 'directory': return opened(withMountNamespace(context.mountsFd, () => openNamespace('mnt')), query.path, []);
    case 'layers': return opened(withMountNamespace(context.mountsFd, () => mountLayers(query.overlay)), query.overlay.target, []);
  }
}

function opened(namespace: number, root: string, without: readonly string[], directory?: number): OpenFiles {
  let isOpen = true;
  return {
    namespace, root, without, ...(directory === undefined ? {} : { directory }),
    close: () => {
      if (isOpen) closeSync(namespace);
      if (isOpen && directory !== undefined) closeSync(directory);
      isOpen = false;
    },
  };
}

/** Looked at again after it is open: the number may have been given to a stranger before. */
function openOfProcess(process: { readonly pid: number; readonly startTime: string }): number {
  const gone = (cause?: unknown): GantryError => new GantryError('conflict', 'the container ended before its files could be opened', { cause, hint: 'try again' });
  let namespace: number;
  try {
    namespace = openSync(`/proc/${process.pid}/ns/mnt`, 'r');
  } catch (cause) {
    throw gone(cause);
  }
  if (isAlive(identityOf(process))) return namespace;
  closeSync(namespace);
  throw gone();
}

/**
 * The root of a container that runs. Undefined where the container may mount: it can put any file system there, also below an
 * overlay, and whoever looks for a name in it waits for whoever serves it.
 */
function openRoot(context: HostContext, namespace: number, pid: number): number | undefined {
  let directory: number | undefined;
  try {
    if (mayMount(readFileSync(`/proc/${pid}/status`, 'utf8'))) return undefined;
    directory = inMountNamespace(namespace, context.mountsFd, () => openSync('/', O_PATH | constants.O_DIRECTORY));
    if (isOverlay(directory, pid)) return directory;
  } catch {
    // It has just ended.
  }
  if (directory !== undefined) closeSync(directory);
  return undefined;
}

/** @param status proc_pid_status(5); what its processes may have at most counts */
export function mayMount(status: string): boolean {
  return (boundingSet(status) & CAP_SYS_ADMIN) !== 0n;
}

function isOverlay(directory: number, pid: number): boolean {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/thread-self/fdinfo/${directory}`, 'utf8'))?.[1];
  return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).some((mount) => mount.id === Number(id) && mount.type === 'overlay');
}

function mountAtRest({ overlay, mounts, workingDirectory, readonly }: Extract<FilesQuery, { kind: 'at-rest' }>): { namespace: number; directory: number } {
  const { target, lower, upper, work, options } = overlay;
  mountOverlay({ target, lower, writable: { upper, work }, extra: options });
  const root = openSync(target, O_PATH | constants.O_DIRECTORY);
  try {
    for (const one of mounts) bindInto(root, one);
    closeSync(openInRoot(root, workingDirectory) ?? makePlace(root, workingDirectory, true));
    if (readonly) remountBind(target, ['ro']);
    return { namespace: openNamespace('mnt'), directory: root };
  } catch (thrown) {
    closeSync(root);
    throw thrown;
  }
}

function mountLayers({ target, lower, upper }: Overlay): number {
  mount({ type: 'tmpfs', target, flags: ['nosuid', 'nodev', 'noexec'], data: 'size=64k,mode=700' });
  for (const name of ['upper', 'lower']) mkdirSync(`${target}/${name}`);
  bindMount(upper, `${target}/upper`);
  if (lower.length === 1) bindMount(lower[0] ?? '', `${target}/lower`);
  else mountOverlay({ target: `${target}/lower`, lower });
  return openNamespace('mnt');
}

/** Both ends are held by descriptors, found inside their roots: a link of the image or the volume leads nowhere else. */
function bindInto(root: number, { source, subpath, target, readonly, recursive }: FilesMount): void {
  const from = openSource(source, subpath);
  if (from === undefined) return;
  try {
    const to = openInRoot(root, target) ?? makePlace(root, target, fstatSync(from).isDirectory());
    try {
      const place = `/proc/thread-self/fd/${to}`;
      bindMount(`/proc/thread-self/fd/${from}`, place, { recursive });
    } finally {
      closeSync(to);
    }
    if (!readonly) return;
    const mounted = openInRoot(root, target);
    if (mounted === undefined) return;
    try {
      remountBind(`/proc/thread-self/fd/${mounted}`, ['ro']);
    } finally {
      closeSync(mounted);
    }
  } finally {
    closeSync(from);
  }
}

function openSource(source: string, subpath: string | undefined): number | undefined {
  let whole: number;
  try {
    whole = openSync(source, O_PATH);
  } catch {
    return undefined;
  }
  if (subpath === undefined) return whole;
  try {
    return openInRoot(whole, subpath);
  } finally {
    closeSync(whole);
  }
}

/** A container that never ran has no place for its volumes yet. */
function makePlace(root: number, target: string, isDirectory: boolean): number {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  for (let count = 1; count <= parts.length; count++) {
    const known = openInRoot(root, parts.slice(0, count).join('/'));
    if (known !== undefined) {
      closeSync(known);
      continue;
    }
    const parent = openInRoot(root, parts.slice(0, count - 1).join('/'));
    if (parent === undefined) break;
    try {
      // One name below a held directory: nothing is followed.
      const path = `/proc/thread-self/fd/${parent}/${parts[count - 1]}`;
      if (isDirectory || count < parts.length) mkdirSync(path, { mode: 0o755 });
      else writeFileSync(path, '', { flag: 'wx', mode: 0o644 });
    } finally {
      closeSync(parent);
    }
  }
  const made = openInRoot(root, target);
  if (made === undefined) throw new GantryError('invalid', `there is no place for the mount at ${target}`, { hint: 'see whether the image has a link there that leads nowhere' });
  return made;
}
