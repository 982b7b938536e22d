import type { CliIo } from '#cli/command-spec.ts';
import { runCli } from '#cli/main.ts';
import { ownCommands } from './own-commands.ts';

const product: Pick<CliIo, 'extraCommands' | 'ensureDaemon'> = {
  extraCommands: ownCommands,
  ensureDaemon: async (socketPath) => (await import('./start-daemon.ts')).startDaemon(socketPath),
};

/** The command line with all commands of the product. Answers with the exit code. */
export function runProgram(argv: readonly string[], io: Pick<CliIo, 'stdin' | 'stdout' | 'stderr' | 'env'>): Promise<number> {
  return runCli(argv, Object.assign(Object.create(io), product) as CliIo);
}

/** Runs the command of this process, and ends it. */
export async function runProcess(): Promise<void> {
  const written = new Set<NodeJS.WriteStream>();
  const opened = (stream: NodeJS.WriteStream): NodeJS.WriteStream => {
    written.add(stream);
    return stream;
  };
  process.exitCode = await runProgram(process.argv.slice(2), {
    // Streams open when they are first asked for: most commands never read, and some have nothing to say.
    get stdin() { return process.stdin; },
    get stdout() { return opened(process.stdout); },
    get stderr() { return opened(process.stderr); },
    env: process.env,
  });
  // Without waiting for the heap to be taken apart; with it where something is still to be written.
  if ([...written].every(({ writableLength }) => writableLength === 0)) process.exit();
}
