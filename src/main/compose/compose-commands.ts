import type { ComposeCommand } from './compose-command.ts';

export interface ComposeEntry {
  readonly summary: string;
  readonly load: () => Promise<ComposeCommand>;
}

/** Every command, loaded when it is called. */
export const composeCommands: Readonly<Record<string, ComposeEntry>> = {
  config: { summary: 'Print the compose files as one, in the long form', load: async () => (await import('./config.ts')).configCommand },
};
