import type { PublishedPort } from '#container/model/port-binding.ts';

/** What an error is about where another program of the host has a port: the `publish` step of a start. */
export function portSubject({ hostPort, protocol }: Pick<PublishedPort, 'hostPort' | 'protocol'>): string {
  return `port ${hostPort}/${protocol}`;
}
