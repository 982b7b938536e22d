import { flushCompileCache } from 'node:module';

// Set-up runs this once, so that the first daemon finds all of its code compiled.
await import('#cli/main.ts');
await import('./daemon-command.ts');
await import('./daemon.ts');
// A cluster reads these when a client first asks for a description of kinds: then is no time to compile them.
await import('#cluster/kinds/texts/texts-by-group.ts');
flushCompileCache();
process.exit(0);
