import { GantryError } from '#base/error.ts';
import type { CommandEntry } from '#cli/command-spec.ts';
import { builtInCommands } from '#cli/commands.ts';
import { parseArgs } from '#cli/grammar/parse.ts';
import type { ComposeContext } from './compose-context.ts';

/** Runs a command of the Docker grammar, whose words are about a container and no longer about a service. */
export async function dockerCommand({ cli, dryRun }: ComposeContext, name: string, argv: readonly string[]): Promise<number> {
  if (dryRun) {
    cli.out(`${name} ${argv.join(' ')}\n`);
    return 0;
  }
  const entry: CommandEntry | undefined = builtInCommands[name];
  if (entry === undefined || !('load' in entry)) throw new GantryError('internal', `there is no command ${name}`);
  const spec = await entry.load();
  const parsed = parseArgs(argv, spec.flags, { stopAtOperand: spec.stopAtOperand ?? false });
  if (parsed.kind === 'help') throw new GantryError('internal', `${name} was asked for help`);
  return spec.run(cli, parsed.args);
}
