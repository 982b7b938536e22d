import type { TreeNodeType } from '#image/snapshot/tree-selection.ts';

/** Bits of Go's os.FileMode (package io/fs), which is how clients send modes. */
const GO = { directory: 0x80000000, symlink: 0x08000000, device: 0x04000000, fifo: 0x02000000, socket: 0x01000000, setuid: 0x00800000, setgid: 0x00400000, character: 0x00200000, sticky: 0x00100000 } as const;

export function typeOfGoMode(mode: number): TreeNodeType {
  if ((mode & GO.directory) !== 0) return 'directory';
  if ((mode & GO.symlink) !== 0) return 'symlink';
  if ((mode & GO.fifo) !== 0) return 'fifo';
  if ((mode & GO.socket) !== 0) return 'socket';
  if ((mode & GO.device) !== 0) return (mode & GO.character) !== 0 ? 'character' : 'block';
  return 'file';
}

/** Permission bits with set-id and sticky, as chmod(2) takes them. */
export function bitsOfGoMode(mode: number): number {
  return (mode & 0o777) | ((mode & GO.setuid) !== 0 ? 0o4000 : 0) | ((mode & GO.setgid) !== 0 ? 0o2000 : 0) | ((mode & GO.sticky) !== 0 ? 0o1000 : 0);
}

export function goModeOf(type: TreeNodeType, bits: number): number {
  const kind = type === 'directory' ? GO.directory : type === 'symlink' ? GO.symlink : type === 'fifo' ? GO.fifo : type === 'socket' ? GO.socket
    : type === 'character' ? GO.device + GO.character : type === 'block' ? GO.device : 0;
  return kind + (bits & 0o777) + ((bits & 0o4000) !== 0 ? GO.setuid : 0) + ((bits & 0o2000) !== 0 ? GO.setgid : 0) + ((bits & 0o1000) !== 0 ? GO.sticky : 0);
}
