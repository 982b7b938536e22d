import { runCli } from '#cli/main.ts';
import { ownCommands } from './own-commands.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  // Streams open when they are first asked for: most commands never read.
  get stdin() { return process.stdin; },
  get stdout() { return process.stdout; },
  get stderr() { return process.stderr; },
  env: process.env, extraCommands: ownCommands,
  ensureDaemon: async (socketPath) => (await import('./start-daemon.ts')).startDaemon(socketPath),
});
// Without waiting for the heap to be taken apart; with it where something is still to be written.
if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
