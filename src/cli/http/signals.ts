import type { ApiClient } from './api-client.ts';

/**
 * What a container gets of the signals that we get. SIGWINCH is not among them: the size of a terminal is told by
 * resize, and some servers take the signal as an order to stop.
 */
const FORWARDED = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGTSTP', 'SIGALRM'] as const;

/** Sends our signals to the container instead of obeying them. The answer ends it. */
export function forwardSignals(client: ApiClient, containerId: string): () => void {
  const forward = (signal: NodeJS.Signals): void => {
    // A container that is gone or not yet started takes no signal: there is nothing to tell the person.
    client.text('POST', `/containers/${containerId}/kill`, { query: { signal: signal.slice(3) } }).catch(() => undefined);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}
