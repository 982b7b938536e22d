const TRAILER = 'TRAILER!!!';

export interface CpioEntry {
  readonly path: string;
  /** Type and permission bits, as stat(2) has them. */
  readonly mode: number;
  readonly data?: Uint8Array;
  /** Numbers of a device node. */
  readonly device?: readonly [major: number, minor: number];
}

function entryBytes({ path, mode, data = new Uint8Array(), device = [0, 0] }: CpioEntry, inode: number): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, device[0], device[1], name.length, 0];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  const pad = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);
  return [head, name, pad(head.length + name.length), Buffer.from(data), pad(data.length)];
}

/** An archive in the "newc" format, which the kernel unpacks as its first root (Documentation/driver-api/early-userspace/buffer-format.rst). */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  return Buffer.concat([...entries, { path: TRAILER, mode: 0 }].flatMap((entry, index) => entryBytes(entry, index + 1)));
}
