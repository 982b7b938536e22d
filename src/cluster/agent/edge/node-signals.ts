import { lstat, readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reading, Readings, Signal } from '../pressure/thresholds.ts';

const BLOCK_BYTES = 512;

/** What the machine has left. @param volumes a directory on the file system of pods @param images one on that of images */
export async function readNode(volumes: string, images: string): Promise<Readings> {
  const [memory, load, most, nodefs, imagefs] = await Promise.all([readFile('/proc/meminfo', 'utf8'), readFile('/proc/loadavg', 'utf8'), readFile('/proc/sys/kernel/pid_max', 'utf8'), statfs(volumes), statfs(images)]);
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) * 1024;
  const pids = Number(most);
  const readings: (readonly [Signal, Reading])[] = [
    ['memory.available', { left: kilobytes('MemAvailable'), all: kilobytes('MemTotal') }], ['nodefs.available', { left: nodefs.bavail * nodefs.bsize, all: nodefs.blocks * nodefs.bsize }],
    ['imagefs.available', { left: imagefs.bavail * imagefs.bsize, all: imagefs.blocks * imagefs.bsize }],
    // A file system that makes inodes as they are needed says that it has none.
    ...(nodefs.files === 0 ? [] : [['nodefs.inodesFree', { left: nodefs.ffree, all: nodefs.files }] as const]), ...(imagefs.files === 0 ? [] : [['imagefs.inodesFree', { left: imagefs.ffree, all: imagefs.files }] as const]),
    // Threads count as processes do: `1/234`.
    ['pid.available', { left: pids - Number(/\d+\/(\d+)/.exec(load)?.[1] ?? 0), all: pids }],
  ];
  return new Map(readings);
}

/** What the files below a directory take of the disk; none where it is not there. */
export async function bytesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  // One after another: a directory may have more files than there are descriptors.
  for (const { parentPath, name } of entries) bytes += await lstat(join(parentPath, name)).then(({ blocks }) => blocks * BLOCK_BYTES, () => 0);
  return bytes;
}
