import { lstatSync, readFileSync, readdirSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GantryError, isKind, messageOf } from '#base/error.ts';
import { IgnoreRules } from '#build/dockerfile/ignore/ignore-rules.ts';
import { boolFlag } from '#cli/grammar/flag.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { copyFiles } from '#compose/apply/copy-files.ts';
import { runHook } from '#compose/apply/hook.ts';
import type { Project } from '#compose/model/project.ts';
import { changesOf, watchRules, type WatchedChange, type WatchRule } from '#compose/model/watch-rules.ts';
import { observeContainers, type ObservedContainer } from '#compose/plan/observe.ts';
import { observeImages } from '#compose/plan/project-images.ts';
import type { ComposeCommand } from './compose-command.ts';
import type { ComposeContext } from './compose-context.ts';
import { Interrupt, openSelected } from './compose-session.ts';
import { dockerCommand } from './delegate.ts';
import { bringUpWith, plainUp } from './bring-up.ts';

/** Changes that come within this time of each other are taken together: an editor writes a file in several steps. */
const QUIET_MS = 200;

export const watchCommand: ComposeCommand = {
  summary: 'Watch files, and rebuild or refresh containers when they change',
  operands: '[SERVICE...]',
  flags: [boolFlag('no-up', '', 'Do not build and start services first'), boolFlag('prune', '', 'Remove images that a rebuild leaves behind', true), boolFlag('quiet', '', 'Build without output')],
  run: (context, args) => watchProject(context, openSelected(context, { services: args.operands }), { prune: args.bool('prune'), quiet: args.bool('quiet'), initialUp: !args.bool('no-up') }),
};

export interface WatchOptions {
  readonly prune: boolean;
  readonly quiet: boolean;
  readonly initialUp: boolean;
  /** Ends it without being asked by the person. */
  readonly isOver?: () => boolean;
}

/** What is watched. @throws GantryError invalid where nothing is */
export function rulesOf(project: Project): readonly WatchRule[] {
  const rules = watchRules(project, (patterns) => {
    const ignore = IgnoreRules.of(patterns);
    return (relative) => ignore.excludes(relative);
  });
  if (rules.length === 0) throw new GantryError('invalid', "none of the selected services is configured for watch, consider setting a 'develop' section", { hint: 'see develop.watch in the Compose specification' });
  return rules;
}

/** Until the person asks for an end. */
export async function watchProject(context: ComposeContext, project: Project, { prune, quiet, initialUp, isOver = () => false }: WatchOptions): Promise<number> {
  const rules = rulesOf(project);
  if (initialUp) await bringUpWith(context, project, { build: true, noBuild: false, pull: '' }, plainUp(context), quiet);
  const changed = new Set<string>();
  const watchers = [...new Set(rules.map(({ path }) => path))].map((path) => watchPath(path, (at) => changed.add(at)));
  const interrupt = new Interrupt();
  for (const rule of rules.filter(({ initialSync }) => initialSync)) await apply(context, project, filesBelow(rule).map((relative) => ({ rule, relative })), { prune, quiet });
  context.cli.err('Watch enabled\n');
  try {
    while (!interrupt.came && !isOver()) {
      const before = changed.size;
      await pause(QUIET_MS);
      if (changed.size === 0 || changed.size !== before) continue;
      const paths = [...changed];
      changed.clear();
      await apply(context, project, changesOf(rules, paths), { prune, quiet }).catch((error: unknown) => context.cli.err(`${messageOf(error)}\n`));
    }
  } finally {
    for (const watcher of watchers) watcher.close();
    interrupt.end();
  }
  return 0;
}

function watchPath(path: string, tell: (path: string) => void): { close(): void } {
  const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  // A file is watched by its directory: editors replace files instead of writing to them.
  const folder = isDirectory ? path : dirname(path);
  return watch(folder, { recursive: isDirectory }, (_event, name) => {
    if (name === null) return;
    if (isDirectory || name === basename(path)) tell(join(folder, name));
  });
}

function filesBelow({ path, ignores }: WatchRule): string[] {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [''];
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1)).filter((relative) => !ignores(relative));
}

async function apply(context: ComposeContext, project: Project, changes: readonly WatchedChange[], { prune, quiet }: Pick<WatchOptions, 'prune' | 'quiet'>): Promise<void> {
  if (changes.length === 0) return;
  const client = await context.cli.client();
  const rebuilt = [...new Set(changes.filter(({ rule }) => rule.action === 'rebuild').map(({ rule }) => rule.service))];
  if (rebuilt.length > 0) {
    context.cli.err(`Rebuilding service(s) ${rebuilt.join(', ')} after changes were detected...\n`);
    const built = { ...project, services: new Map([...project.services].map(([name, service]) => [name, rebuilt.includes(name) ? { ...service, pull_policy: 'build' } : service])) };
    await bringUpWith(context, built, { build: false, noBuild: false, pull: '' }, { ...plainUp(context), recreate: (service) => (rebuilt.includes(service) ? 'force' : 'never') }, quiet);
    if (prune) await removeReplaced(client, project.name);
  }
  const containers = (await observeContainers(client, project.name)).filter(({ state, oneOff }) => state === 'running' && !oneOff);
  const others = changes.filter(({ rule }) => rule.action !== 'rebuild' && !rebuilt.includes(rule.service));
  for (const change of others) if (change.rule.action.startsWith('sync')) await sync(context, change, containers.filter(({ service }) => service === change.rule.service));
  const touched = new Map(others.map(({ rule }) => [rule, containers.filter(({ service }) => service === rule.service)]));
  for (const [rule, of] of touched) {
    for (const { name } of of) {
      if (rule.action.endsWith('restart')) await client.text('POST', `/containers/${name}/restart`);
      if (rule.action === 'sync+exec' && rule.exec !== undefined) await runHook(client, name, rule.exec);
    }
  }
}

/** Images of the project whose names newer ones have. One that a container still runs stays. */
async function removeReplaced(client: ApiClient, project: string): Promise<void> {
  for (const { id } of await observeImages(client, project, true)) {
    await client.text('DELETE', `/images/${id}`).catch((thrown: unknown) => {
      if (!isKind(thrown, 'not-found', 'conflict')) throw thrown;
    });
  }
}

/** Copies what changed to the same place below the rule's target, and takes away there what is gone here. */
async function sync(context: ComposeContext, { rule, relative }: WatchedChange, containers: readonly ObservedContainer[]): Promise<void> {
  const source = relative === '' ? rule.path : join(rule.path, relative);
  const target = relative === '' ? rule.target : join(rule.target, relative);
  const stat = lstatSync(source, { throwIfNoEntry: false });
  const client = await context.cli.client();
  for (const { id, name } of containers) {
    context.cli.err(`Syncing ${relative === '' ? source : relative} to ${name}\n`);
    if (stat === undefined) await runHook(client, id, { command: ['rm', '-rf', target] });
    else if (stat.isFile()) await copyFiles(client, id, [{ target, content: readFileSync(source), mode: stat.mode & 0o7777, uid: 0, gid: 0 }]);
    else if (stat.isSymbolicLink()) {
      await runHook(client, id, { command: ['mkdir', '-p', dirname(target)] });
      await dockerCommand(context, 'cp', ['--quiet', source, `${id}:${target}`]);
    }
  }
}
