import { quoteName, type ByteString } from '#image/oci/tar/byte-string.ts';
import { ERRNO, lastErrno, libc, systemError } from './_libc.ts';
import { cPath } from './_node.ts';

/** The kernel's limits for a list of names and for a value (linux/limits.h). */
const MAX_BYTES = 65536;
const buffer = Buffer.alloc(MAX_BYTES);

/** All extended attributes of a node, without following a link. Empty where it is gone or the file system has none. */
export function readXattrs(path: ByteString): ReadonlyMap<ByteString, Uint8Array> {
  const name = cPath(path);
  const length = Number(libc.llistxattr(name, buffer, BigInt(MAX_BYTES)));
  if (length === -1) return none(path, 'list the attributes');
  const attributes = new Map<ByteString, Uint8Array>();
  const names = buffer.toString('latin1', 0, length).split('\0').filter((text) => text !== '').sort() as ByteString[];
  for (const attribute of names) {
    const size = Number(libc.lgetxattr(name, cPath(attribute), buffer, BigInt(MAX_BYTES)));
    if (size === -1) none(path, `read the attribute ${attribute}`);
    else attributes.set(attribute, Uint8Array.prototype.slice.call(buffer, 0, size));
  }
  return attributes;
}

function none(path: ByteString, action: string): ReadonlyMap<ByteString, Uint8Array> {
  const errno = lastErrno();
  const isAbsence = errno === ERRNO.ENOENT || errno === ERRNO.ENODATA || errno === ERRNO.EOPNOTSUPP;
  if (!isAbsence) throw systemError(errno, `${action} of ${quoteName(path)}`, `file ${quoteName(path)}`);
  return new Map();
}
