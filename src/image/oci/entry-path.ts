import { GantryError } from '#base/error.ts';
import { quoteName, type ByteString } from './tar/byte-string.ts';

/** PATH_MAX of Linux counts the NUL. */
const MAX_PATH = 4095;
/** NAME_MAX. */
const MAX_COMPONENT = 255;

/**
 * The place of an entry, relative to the root of its layer: without `.`, `..`, doubled or trailing slashes; empty for the
 * root itself. A leading slash means the root of the layer, as for Docker. A name that climbs above the root, that has a NUL
 * in it or that no Linux file system can hold is refused (`invalid`). `..` is taken by its letters: links are not looked at,
 * which is also Docker's way.
 */
export function entryPath(name: ByteString): ByteString {
  if (name === '') throw refused(name, 'is empty');
  if (name.includes('\0')) throw refused(name, 'has a NUL in it');
  const kept: string[] = [];
  for (const component of name.split('/')) {
    if (component === '' || component === '.') continue;
    if (component === '..') {
      if (kept.pop() === undefined) throw refused(name, 'leads out of the layer');
      continue;
    }
    if (component.length > MAX_COMPONENT) throw refused(name, `has a part of more than ${MAX_COMPONENT} bytes`);
    kept.push(component);
  }
  const path = kept.join('/');
  if (path.length > MAX_PATH) throw refused(name, `has more than ${MAX_PATH} bytes`);
  return path as ByteString;
}

/** The directory that holds a path; empty for the root. */
export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/');
  return (slash < 0 ? '' : path.slice(0, slash)) as ByteString;
}

export function baseName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1) as ByteString;
}

function refused(name: ByteString, why: string): GantryError {
  return new GantryError('invalid', `the name ${quoteName(name)} ${why}`, { subject: `entry ${quoteName(name)}` });
}
