/** Paths inside an image: always with slashes, always below its root. */

/** Absolute and without `.`, `..` and doubled slashes; `..` does not lead above the root. */
export function cleanAbsolute(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Relative ones start from `directory`. */
export function resolvePath(directory: string, path: string): string {
  return cleanAbsolute(path.startsWith('/') ? path : `${directory}/${path}`);
}

/** As `resolvePath`, keeping what says that a directory is meant: a slash or `/.` at the end. */
export function resolveDestination(directory: string, path: string): string {
  const written = path === '' || path === '.' ? './' : path;
  const clean = resolvePath(directory, written);
  if (written.endsWith('/')) return clean === '/' ? clean : `${clean}/`;
  if (written.endsWith('/.')) return clean === '/' ? '/.' : `${clean}/.`;
  return clean;
}

/** The last part: `.` for nothing, `/` for the root. */
export function baseName(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}
