/** Paths of a POSIX system as text: sealed code has no `node:path`. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !absolute) parts.push(part);
  }
  const joined = parts.join('/');
  return absolute ? `/${joined}` : joined === '' ? '.' : joined;
}

export function joinPath(...parts: readonly string[]): string {
  const given = parts.filter((part) => part !== '');
  return given.length === 0 ? '' : cleanPath(given.join('/'));
}

export function parentPath(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '.' : cleanPath(path.slice(0, end + 1));
}

export function lastPart(path: string): string {
  return cleanPath(path).split('/').at(-1) ?? '';
}

/** `path` itself when it is absolute, else below `base`. */
export function resolvePath(base: string, path: string): string {
  return path.startsWith('/') ? cleanPath(path) : joinPath(base, path);
}

/** The way from one directory to another; both absolute. */
export function relativePath(from: string, to: string): string {
  const start = cleanPath(from).split('/').filter(Boolean);
  const end = cleanPath(to).split('/').filter(Boolean);
  let same = 0;
  while (same < start.length && same < end.length && start[same] === end[same]) same++;
  const way = [...start.slice(same).map(() => '..'), ...end.slice(same)].join('/');
  return way === '' ? '.' : way;
}

/** `~` and `~/x` below the home directory. */
export function expandHome(path: string, home: string | undefined): string {
  return path.startsWith('~') && home !== undefined && home !== '' ? joinPath(home, path.slice(1)) : path;
}
