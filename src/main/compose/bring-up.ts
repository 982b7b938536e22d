import { readFileSync } from 'node:fs';
import { SmallHasher } from './small-hasher.ts';
import { GantryError } from '#base/error.ts';
import type { Project } from '#compose/model/project.ts';
import { observe } from '#compose/plan/observe.ts';
import { planImages } from '#compose/plan/plan-images.ts';
import { planUp, type UpOptions } from '#compose/plan/plan-up.ts';
import type { ComposeContext } from './compose-context.ts';
import { perform } from './compose-session.ts';

/** An up without flags. */
export function plainUp({ global, cli }: ComposeContext): UpOptions {
  return {
    recreate: () => 'diverged', removeOrphans: false, ignoreOrphans: ['1', 'true'].includes(cli.io.env['COMPOSE_IGNORE_ORPHANS'] ?? ''), renewVolumes: false,
    start: true, wait: false, timeoutSeconds: undefined, separator: global.bool('compatibility') ? '_' : '-',
  };
}

/** Images first: the plan of the containers needs to know which there are. */
export async function bringUpWith(context: ComposeContext, project: Project, images: Parameters<typeof planImages>[2], options: UpOptions, quietBuild = false): Promise<number> {
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
