import { existsSync, globSync, readFileSync } from 'node:fs';

/** The Debian mirror among apt sources in either format: the first `http` address that ends in `/debian`. */
export function debianMirror(sources: string): string | undefined {
  const lines = sources.split('\n').filter((line) => !line.trimStart().startsWith('#')).join('\n');
  return /https?:\/\/\S+?\/debian(?=\/?(?:\s|$))/.exec(lines)?.[0];
}

/** The one that this machine's apt uses. */
export function ownMirror(): string | undefined {
  const lists = ['/etc/apt/sources.list', ...globSync('/etc/apt/sources.list.d/*.{list,sources}')].filter((path) => existsSync(path));
  return debianMirror(lists.map((path) => readFileSync(path, 'utf8')).join('\n'));
}
