import { GantryError } from '#base/error.ts';
import { baseName, entryPath, parentPath } from './entry-path.ts';
import { quoteName, type ByteString } from './tar/byte-string.ts';

const PREFIX = '.wh.';
/** Names of the old aufs driver's own files. All but the opaque marker mean nothing to a layer. */
const META_PREFIX = '.wh..wh.';
export const OPAQUE_MARKER = '.wh..wh..opq' as ByteString;

/** The xattr by which overlay knows a directory that hides what lies below (kernel documentation, overlayfs). */
export const OVERLAY_OPAQUE = 'trusted.overlay.opaque' as ByteString;

/** What an entry of a layer means by its name (OCI image spec, layer.md, "Whiteouts"). Paths are as `entryPath` gives them. */
export type LayerName =
  | { readonly kind: 'node'; readonly path: ByteString }
  /** Hides `path` of the layers below. */
  | { readonly kind: 'whiteout'; readonly path: ByteString }
  /** Hides all that the layers below have in `path`. */
  | { readonly kind: 'opaque'; readonly path: ByteString }
  | { readonly kind: 'ignored' };

/** Throws `invalid` for names that hide nothing nameable (`.wh.`, `.wh..`, `.wh...`) and for entries below a whiteout. */
export function classifyName(name: ByteString): LayerName {
  const path = entryPath(name);
  if (!path.includes(PREFIX)) return { kind: 'node', path };
  const parent = parentPath(path);
  const base = baseName(path);
  const components = parent.split('/');
  if (components.some((component) => component.startsWith(META_PREFIX))) return { kind: 'ignored' };
  if (components.some((component) => component.startsWith(PREFIX))) throw refused(name, 'lies below a whiteout');
  if (base === OPAQUE_MARKER) return { kind: 'opaque', path: parent };
  if (base.startsWith(META_PREFIX)) return { kind: 'ignored' };
  if (!base.startsWith(PREFIX)) return { kind: 'node', path };
  const hidden = base.slice(PREFIX.length);
  if (hidden === '' || hidden === '.' || hidden === '..') throw refused(name, 'is a whiteout of no name');
  return { kind: 'whiteout', path: (parent === '' ? hidden : `${parent}/${hidden}`) as ByteString };
}

/** The entry that hides `path` of the layers below. */
export function whiteoutName(path: ByteString): ByteString {
  const parent = parentPath(path);
  return (parent === '' ? `${PREFIX}${path}` : `${parent}/${PREFIX}${baseName(path)}`) as ByteString;
}

/** The entry that makes a directory opaque; empty path for the root. */
export function opaqueName(directory: ByteString): ByteString {
  return (directory === '' ? OPAQUE_MARKER : `${directory}/${OPAQUE_MARKER}`) as ByteString;
}

/** How overlay stores a whiteout: a character device 0:0. */
export function isOverlayWhiteout(node: { readonly type: string; readonly deviceMajor: number; readonly deviceMinor: number }): boolean {
  return node.type === 'character' && node.deviceMajor === 0 && node.deviceMinor === 0;
}

/**
 * Whether an extended attribute may pass between a layer and a disk. Overlay's own would change what the merged view shows
 * (redirects lead to other files), and other `trusted.` ones belong to the host's administrator.
 */
export function isPortableXattr(name: ByteString): boolean {
  return !name.startsWith('trusted.') && !name.startsWith('user.overlay.');
}

function refused(name: ByteString, why: string): GantryError {
  return new GantryError('invalid', `the name ${quoteName(name)} ${why}`, { subject: `entry ${quoteName(name)}` });
}
