import { readFileSync } from 'node:fs';
import { SmallHasher } from './small-hasher.ts';
import { GantryError } from '#base/error.ts';
import type { Project } from '#compose/model/project.ts';
import { checkContainerNames } from '#compose/model/consistency.ts';
import { withProvided } from '#compose/model/provided.ts';
import { observe } from '#compose/plan/observe.ts';
import { planImages } from '#compose/plan/plan-images.ts';
import { planProviders } from '#compose/plan/plan-providers.ts';
import { planUp, type UpOptions } from '#compose/plan/plan-up.ts';
import type { ComposeContext } from './compose-context.ts';
import { perform } from './compose-session.ts';
import type { ProvidedSoFar } from './provider.ts';

/** An up without flags. */
export function plainUp({ global, cli }: ComposeContext): UpOptions {
  return {
    recreate: () => 'diverged', removeOrphans: false, ignoreOrphans: ['1', 'true'].includes(cli.io.env['COMPOSE_IGNORE_ORPHANS'] ?? ''), renewVolumes: false,
    start: true, wait: false, timeoutSeconds: undefined, separator: global.bool('compatibility') ? '_' : '-',
  };
}

export interface Provision {
  readonly code: number;
  readonly project: Project;
}

/** Runs providers. The project that comes back has no services of theirs, and has the variables that they set. */
export async function provide(context: ComposeContext, project: Project): Promise<Provision> {
  const plan = planProviders(project);
  if (plan.nodes.length === 0) return { code: 0, project };
  const provided: ProvidedSoFar = new Map();
  const code = await perform(context, plan, { project, provided });
  if (context.dryRun) context.cli.err('WARN what providers set is not known in a dry run: services that depend on theirs may be replaced besides\n');
  return { code, project: withProvided(project, provided) };
}

/** Images first, and what providers give: the plan of the containers needs to know both. */
export async function bringUpWith(context: ComposeContext, asked: Project, images: Parameters<typeof planImages>[2], options: UpOptions, quietBuild = false): Promise<number> {
  const [model] = asked.models.keys();
  if (model !== undefined) throw new GantryError('unimplemented', `model ${model} can't be provided: 'models' support requires Docker Model plugin, and is docker compose's`, { subject: `model ${model}`, hint: 'run it as a service with an image of its own, or use docker compose' });
  checkContainerNames(asked);
  const { code, project } = await provide(context, asked);
  if (code !== 0) return code;
  const client = await context.cli.client();
  const first = await observe(client, project);
  const fetch = planImages(project, first.images, images);
  const fetched = fetch.nodes.length === 0 ? 0 : await perform(context, fetch, { project, quietBuild });
  if (fetched !== 0) return fetched;
  const observed = fetch.nodes.length === 0 || context.dryRun ? first : await observe(client, project);
  return perform(context, planUp(project, observed, options, new SmallHasher(), readContent), { project });
}

function readContent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new GantryError('not-found', `open ${path}: no such file or directory`, { subject: path, cause, hint: 'a secret or a config is read from it' });
  }
}
