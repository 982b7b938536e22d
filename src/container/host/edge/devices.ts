import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import type { FoundDevice } from '../port.ts';

/** Of a container's own, or of no use in one (as Docker has it): never handed on with the rest of a directory. */
const NEVER = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev', 'console']);
/** Deep enough for /dev/bus/usb, and an end for a directory that is none of /dev. */
const MOST_LEVELS = 8;

function deviceOf(stat: Stats, below: string): FoundDevice {
  // makedev(3): the kernel's split of a device number into two.
  const major = (stat.rdev >>> 8) & 0xfff;
  const minor = (stat.rdev & 0xff) | ((stat.rdev >>> 12) & 0xfff00);
  return { below, type: stat.isBlockDevice() ? 'b' : 'c', major, minor, mode: stat.mode & 0o777, uid: stat.uid, gid: stat.gid };
}

function walk(directory: string, below: string, levels: number, into: FoundDevice[]): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (NEVER.has(entry.name)) continue;
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory() && levels > 0) walk(path, `${below}/${entry.name}`, levels - 1, into);
    if (!entry.isCharacterDevice() && !entry.isBlockDevice()) continue;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined) into.push(deviceOf(stat, `${below}/${entry.name}`));
  }
}

/** The device at a path, or those below a directory. */
export function findDevices(path: string): FoundDevice[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return [deviceOf(stat, '')];
  const found: FoundDevice[] = [];
  if (stat.isDirectory()) walk(realpathSync(path), '', MOST_LEVELS, found);
  return found;
}
