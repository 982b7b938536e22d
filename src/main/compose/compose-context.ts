import { readFileSync } from 'node:fs';
import type { CliContext } from '#cli/command-spec.ts';
import { boolFlag, intFlag, listFlag, stringFlag, type FlagSpec } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { DiskFiles } from '#compose/edge/disk-files.ts';
import type { OpenOptions } from '#compose/load/open-project.ts';
import type { Project } from '#compose/model/project.ts';
import { withSelectedServices, withServicesEnabled, withUsedResources, type Related } from '#compose/model/select.ts';

/** The flags between `compose` and its command. */
export const composeFlags: readonly FlagSpec[] = [
  boolFlag('all-resources', '', 'Include all resources, even those that no service uses'),
  stringFlag('ansi', '', 'When to print control characters: never, always or auto', { fallback: 'auto', completes: ['never', 'always', 'auto'] }),
  boolFlag('compatibility', '', 'Name containers with underscores, as Compose once did'),
  boolFlag('dry-run', '', 'Show what would be done'),
  listFlag('env-file', '', 'File with variables, in place of .env', { completes: 'file' }),
  listFlag('file', 'f', 'Compose file; later ones are laid over earlier ones', { completes: 'file' }),
  intFlag('parallel', '', 'How many things may be done at a time; -1 for any number', { fallback: '-1' }),
  listFlag('profile', '', 'Profile to activate'),
  stringFlag('progress', '', 'How to show progress: auto, tty, plain, json or quiet', { completes: ['auto', 'tty', 'plain', 'json', 'quiet'] }),
  stringFlag('project-directory', '', "Directory that relative paths start from (default: the first compose file's)", { completes: 'file' }),
  stringFlag('project-name', 'p', 'Name of the project'),
  boolFlag('verbose', '', 'Print more', false),
  stringFlag('workdir', '', 'Old name of --project-directory', { hidden: true, aliasOf: 'project-directory' }),
];

/** What a compose command gets besides its own arguments. */
export interface ComposeContext {
  readonly cli: CliContext;
  readonly global: ParsedArgs;
  /** `--dry-run`, before or after the command. */
  readonly dryRun: boolean;
  /** The compose files that `--file` names; those in registries as the files of this machine that they are now. */
  readonly composeFiles: readonly string[];
}

const list = (env: Readonly<Record<string, string | undefined>>, name: string): string[] => (env[name] ?? '').split(',').filter((part) => part !== '');

/** How the project is found and read, from the flags and the environment. */
export function openOptions({ cli, global, composeFiles }: ComposeContext): OpenOptions {
  const { env } = cli.io;
  const envFiles = global.list('env-file');
  const warned = new Set<string>();
  // It can be read once only, and a command may look at a project more than once.
  let piped: string | undefined;
  return {
    files: new DiskFiles(),
    cwd: process.cwd(),
    environment: new Map(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    composeFiles,
    envFiles: envFiles.length > 0 ? envFiles : list(env, 'COMPOSE_ENV_FILES'),
    projectDirectory: global.string('project-directory'),
    projectName: global.string('project-name'),
    profiles: global.list('profile'),
    readStdin: () => (piped ??= readFileSync(0, 'utf8')),
    warn: (message) => {
      if (!warned.has(message)) cli.err(`WARN ${message}\n`);
      warned.add(message);
    },
  };
}

export interface Selection {
  readonly services: readonly string[];
  readonly related?: Related;
}

/** The part of a project that a command is about. */
export function selectProject(project: Project, { global }: ComposeContext, { services, related = 'dependencies' }: Selection): Project {
  const enabled = withServicesEnabled(project, services);
  const used = global.bool('all-resources') ? enabled : withUsedResources(enabled);
  return withSelectedServices(used, services, related);
}
