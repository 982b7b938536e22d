import type { NodeStatus } from './_node.ts';

/** An image that was exported from a container has it, too. */
export const DOCKERENV = '/.dockerenv';
/** What the runtime makes as places to mount at: Docker has it in a layer of its own, which is no part of the changes. */
const RUNTIME_FILES = new Set([DOCKERENV, '/dev/console', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf', '/etc/mtab', '/run/.containerenv']);
const RUNTIME_DIRECTORIES = new Set(['/dev', '/dev/pts', '/dev/shm', '/dev/mqueue', '/etc', '/proc', '/sys', '/run']);

/** Whether what was written at an absolute path is none of the container's doing. */
export function isOfTheRuntime(path: string, status: NodeStatus): boolean {
  return status.type === 'directory' ? RUNTIME_DIRECTORIES.has(path) : isFileOfTheRuntime(path, status);
}

/** A container can't write there: something is mounted over it, or it is empty. */
export function isFileOfTheRuntime(path: string, { type, size }: NodeStatus): boolean {
  return type !== 'directory' && RUNTIME_FILES.has(path) && (type === 'symlink' || size === 0);
}
