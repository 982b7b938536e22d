import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { GantryError, messageOf } from '#base/error.ts';
import { hybridUnifiedMount } from './cgroup-layout.ts';
import { check, libc } from './libc.ts';
import { parseMountinfo } from './mountinfo.ts';
import { bindMount, setPropagation, unmount } from './mounts.ts';

/**
 * Namespaces belong to threads. Everything here acts on the calling thread only, inside one synchronous block; threads of
 * the libuv pool that exist by then stay where they are, so asynchronous file calls never see a namespace entered here.
 */
const CLONE = { mnt: 0x0002_0000, net: 0x4000_0000 } as const;
/** linux/sched.h CLONE_FS: root, working directory and umask, which threads share. */
const CLONE_FS = 0x200;

export type NamespaceKind = keyof typeof CLONE;

/** A descriptor of a namespace of the calling thread. */
export function openNamespace(kind: NamespaceKind): number {
  return openSync(`/proc/thread-self/ns/${kind}`, 'r');
}

/**
 * Puts the main thread into a mount namespace of its own, which still receives mounts of the host but sends none, and
 * takes out the cgroup v2 mount of a hybrid layout (crun refuses to run under one). Call it once at start, before the
 * first asynchronous file call: threads started later inherit it. The working directory becomes `/`. Set the umask before:
 * it belongs to the thread from here on.
 * Returns a descriptor of the new namespace, for `withMountNamespace`.
 */
export function enterPrivateMounts(): number {
  if (!isMainThread || hasPoolThreads()) {
    throw new GantryError('internal', 'the private mount namespace must be entered on the main thread, before the first asynchronous file call', {
      hint: 'Call enterPrivateMounts at the top of the program: threads that exist already would stay outside.',
    });
  }
  check('unshare', libc.unshare(CLONE.mnt), {
    action: 'make a private mount namespace',
    hint: 'The engine needs root with CAP_SYS_ADMIN: run it with sudo, or in a container with --privileged.',
  });
  process.chdir('/');
  setPropagation('/', 'rslave');
  const unified = hybridUnifiedMount(parseMountinfo(readFileSync('/proc/thread-self/mountinfo', 'utf8')));
  if (unified !== undefined) unmount(unified, { detach: true });
  return openNamespace('mnt');
}

/**
 * Runs a synchronous function in a fresh copy of the calling thread's mount namespace and returns to `baseFd`. What it
 * mounts is gone afterwards, unless something keeps the namespace. The working directory becomes `/`.
 */
export function withMountNamespace<T>(baseFd: number, run: () => T): T {
  check('unshare', libc.unshare(CLONE.mnt), { action: 'make a temporary mount namespace' });
  return andReturn('mnt', baseFd, run);
}

/** A new network namespace, with its loopback link down. It lives as long as this descriptor or a mount of it. */
export function createNetworkNamespace(): number {
  const home = openNamespace('net');
  try {
    check('unshare', libc.unshare(CLONE.net), { action: 'make a network namespace' });
    return andReturn('net', home, () => openNamespace('net'));
  } finally {
    closeSync(home);
  }
}

/** Runs a synchronous function in the network namespace `fd` and returns to `hostFd`. */
export function inNetworkNamespace<T>(fd: number, hostFd: number, run: () => T): T {
  check('setns', libc.setns(fd, CLONE.net), { action: 'enter a network namespace' });
  return andReturn('net', hostFd, run);
}

/** Runs a synchronous function in the mount namespace `fd`, where paths mean what its processes see, and returns to `baseFd`. */
export function inMountNamespace<T>(fd: number, baseFd: number, run: () => T): T {
  // Every thread that was started since shares its root with this one, and then the kernel lets it in nowhere (setns(2)).
  check('unshare', libc.unshare(CLONE_FS), { action: 'have a root of its own' });
  check('setns', libc.setns(fd, CLONE.mnt), { action: 'enter a mount namespace' });
  return andReturn('mnt', baseFd, run);
}

/** Gives a namespace a path, by which programs join it and which keeps it alive without us. */
export function pinNamespace(fd: number, path: string): void {
  writeFileSync(path, '', { flag: 'a' });
  bindMount(`/proc/thread-self/fd/${fd}`, path);
}

/** libuv starts its pool with the first asynchronous file call, and names its threads. */
function hasPoolThreads(): boolean {
  return readdirSync('/proc/self/task').some((task) => readFileSync(`/proc/self/task/${task}/comm`, 'utf8') === 'libuv-worker\n');
}

function andReturn<T>(kind: NamespaceKind, homeFd: number, run: () => T): T {
  try {
    const result = run();
    if (result instanceof Promise) {
      throw new GantryError('internal', 'a function that runs inside another namespace must be synchronous');
    }
    return result;
  } finally {
    returnHome(kind, homeFd);
  }
}

/** In the wrong namespace every later path or socket would mean something else: nothing is safer than stopping. */
function returnHome(kind: NamespaceKind, homeFd: number): void {
  try {
    check('setns', libc.setns(homeFd, CLONE[kind]), { action: `return to the engine's own ${kind} namespace` });
  } catch (cause) {
    writeSync(2, `gantry: ${messageOf(cause)}; aborting\n`);
    process.abort();
  }
}
