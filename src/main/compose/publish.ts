import { GantryError } from '#base/error.ts';
import { exactly } from '#cli/grammar/arity.ts';
import type { ComposeCommand } from './compose-command.ts';

/** Remote compose files are not read by us, so none are made: what an artifact names would be fetched unseen. */
export const publishCommand: ComposeCommand = {
  summary: 'Publish the application as an artifact: docker compose does',
  operands: '[OPTIONS] REPOSITORY[:TAG]',
  flags: [],
  arity: exactly(1),
  run: async () => {
    throw new GantryError('unimplemented', 'gantry compose publishes no artifacts of compose files', { hint: 'docker compose publish does, to a registry of ours too; or push the images (gantry compose push) and keep the file in git' });
  },
};
