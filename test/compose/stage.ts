import type { ComposeClient, ComposeProject } from './clients.ts';

/** What a scenario of the life of a project gets. */
export interface Stage {
  readonly client: ComposeClient;
  /** The other one, where it is there: it has to get on with what the first one made. */
  readonly other: ComposeClient | undefined;
  readonly project: ComposeProject;
  /** An image with busybox. */
  readonly image: string;
  /** The docker command line on the same daemon; it must succeed. */
  readonly docker: (...args: readonly string[]) => string;
  readonly skip: (reason: string) => void;
}

/** A service that does nothing, and ends at once. */
export const sleeper = (image: string, more = ''): string => `{image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s${more}}`;
