import { importsOf } from './imports.ts';
import { isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** Files that are started, not imported. */
const entries: Readonly<Record<string, string>> = {
  'tools/run.ts': 'started by ./gantry dev',
  'tools/test-run/event-reporter.ts': 'given to node --test-reporter',
  'tools/test-run/fuzz-setup.ts': 'given to node --import by the fuzz task',
  'src/main/warm-cache.ts': 'started by the launcher after npm ci',
  'test/security/renumbered.ts': 'started by test/security/runtime.test.ts in a process namespace of its own',
  'test/world/webhook-server.ts': 'started by test/kubectl-access.test.ts, which blocks while kubectl runs',
  'test/world/extension-server.ts': 'started by test/kubectl-access.test.ts, which blocks while kubectl runs',
  'test/world/power-cut-run.ts': 'started by test/crash/power-cut.test.ts in a mount namespace of its own',
  'bench/inside.ts': 'started by bench/run.ts inside the namespaces of the peers',
  'bench/floor/serve.ts': 'started by bench/build-cases.ts in a process of its own',
  'bench/network-peer.ts': 'started by bench/network-actions.ts in the namespaces of containers',
  'bench/endpoints.ts': 'started by hand, see bench/README.md',
  'bench/services.ts': 'started by hand, see bench/README.md',
  'bench/pods.ts': 'started by bench/run.ts in a process of its own',
  'bench/scheduler.ts': 'started by bench/run.ts in a process of its own',
  'test/guest/inside.ts': 'started by tools/guest/boot.ts inside of the guest',
  'examples/dockerfiles/node-typescript/src/main.ts': 'compiled and started in the image of the example',
  'examples/dockerfiles/node-typescript/src/primes.ts': 'compiled in the image of the example, which imports it as its compiler wants it',
};

/** Folders and files written ahead of what will import them; an entry goes as soon as it is not needed. */
const ahead: Readonly<Record<string, string>> = {
};

/** A file that nothing but its own test imports is dead. */
export function deadFiles(files: readonly SourceFile[], started = entries, early = ahead): Violation[] {
  const code = files.filter(({ path }) => isTypeScript(path));
  const imported = new Set(code.flatMap((file) => importsOf(file)
    .filter(({ target }) => target !== undefined && !isOwnTest(file.path, target))
    .map(({ target }) => target as string)));
  const dead = code.map(({ path }) => path).filter((path) => !imported.has(path) && !isEntry(path, started));
  const excused = (path: string): string | undefined => Object.keys(early).find((prefix) => path.startsWith(prefix));
  return [
    ...dead.filter((path) => excused(path) === undefined).map((path) => ({
      path,
      message: 'is imported by nothing but its own test: delete it, or name what starts it in tools/architecture/dead-files.ts',
    })),
    ...Object.keys(early).filter((prefix) => !dead.some((path) => path.startsWith(prefix))).map((path) => ({
      path,
      message: 'is in use now: take it out of the list `ahead` in tools/architecture/dead-files.ts',
    })),
  ];
}

function isOwnTest(test: string, target: string): boolean {
  return test === target.replace(/\.ts$/, '.test.ts');
}

function isEntry(path: string, started: Readonly<Record<string, string>>): boolean {
  return path.endsWith('.d.ts') || path.startsWith('src/main/') || path.endsWith('.test.ts') || started[path] !== undefined;
}
