import { runCli } from '#cli/main.ts';
import { ownCommands } from './own-commands.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env, extraCommands: ownCommands,
  ensureDaemon: async (socketPath) => (await import('./start-daemon.ts')).startDaemon(socketPath),
});
