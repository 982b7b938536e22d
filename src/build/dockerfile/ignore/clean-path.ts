/** The shortest path that means the same, as Go's filepath.Clean: `.` for nothing, leading `..` kept. */
export function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!isAbsolute) parts.push(part);
  }
  const clean = (isAbsolute ? '/' : '') + parts.join('/');
  return clean === '' ? '.' : clean;
}

/** The directory that a path is in, as Go's filepath.Dir. */
export function directoryOf(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1));
}
