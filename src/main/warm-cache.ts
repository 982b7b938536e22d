import { flushCompileCache } from 'node:module';

// Set-up runs this once, so that the first daemon finds all of its code compiled.
await import('#cli/main.ts');
await import('./daemon-command.ts');
await import('./daemon.ts');
flushCompileCache();
process.exit(0);
