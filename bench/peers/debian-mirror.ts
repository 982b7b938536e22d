/** The Debian mirror among apt sources in either format: the first `http` address that ends in `/debian`. */
export function debianMirror(sources: string): string | undefined {
  const lines = sources.split('\n').filter((line) => !line.trimStart().startsWith('#')).join('\n');
  return /https?:\/\/\S+?\/debian(?=\/?(?:\s|$))/.exec(lines)?.[0];
}
