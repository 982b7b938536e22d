import { GantryError } from '#base/error.ts';
import { imageName } from '../lower/names.ts';
import { parseDuration } from '../model/duration.ts';
import type { Project } from '../model/project.ts';
import type { Service } from '../model/service-kind.ts';
import { PlanBuilder, type Plan } from './plan.ts';

export interface ImageOptions {
  /** `--build`: build also what is there. */
  readonly build: boolean;
  /** `--no-build` */
  readonly noBuild: boolean;
  /** `--pull`: always, missing, never; empty for what each service says. */
  readonly pull: string;
}

/** The images that services need and that are not there, or not new enough. */
export function planImages(project: Project, images: ReadonlyMap<string, string | undefined>, options: ImageOptions): Plan {
  const builder = new PlanBuilder();
  const seen = new Set<string>();
  const built = new Map<string, number>();
  const add = (name: string): void => {
    const service = project.services.get(name);
    if (service === undefined || service.provider !== undefined || built.has(name)) return;
    const image = imageName(project, name, service);
    const cause = whyBuild(service, images.get(image), options);
    if (cause === undefined) {
      addPull(builder, name, service, image, images.get(image), options, seen);
      return;
    }
    built.set(name, 0);
    const bases = [...(service.build?.additional_contexts ?? [])].filter(([, context]) => context.startsWith('service:')).map(([, context]) => context.slice('service:'.length));
    for (const base of bases) add(base);
    built.set(name, builder.add({ kind: 'build-image', service: name, image }, cause, bases.flatMap((base) => built.get(base) ?? []).filter((id) => id > 0)));
  };
  for (const name of [...project.services.keys()].toSorted()) add(name);
  return builder.build();
}

function whyBuild(service: Service, present: string | undefined, { build, noBuild }: ImageOptions): string | undefined {
  if (service.build === undefined || noBuild) return undefined;
  if (build) return 'it was asked for';
  if (service.pull_policy === 'build') return 'pull_policy is build';
  // What can be pulled as well as built is built: its sources are here.
  return present === undefined ? 'the image is not there' : undefined;
}

function addPull(builder: PlanBuilder, name: string, service: Service, image: string, present: string | undefined, { pull }: ImageOptions, seen: Set<string>): void {
  const policy = pull !== '' && pull !== 'policy' ? pull : service.pull_policy ?? 'missing';
  if (policy === 'never' || service.build !== undefined) {
    if (present === undefined && policy === 'never') throw new GantryError('not-found', `No such image: ${image}`, { subject: `service ${name}`, hint: 'its pull policy is never: load or build the image first' });
    if (present === undefined && service.build !== undefined) throw new GantryError('not-found', `No such image: ${image}`, { subject: `service ${name}`, hint: 'building is switched off: run gantry compose build first' });
    return;
  }
  const refreshed = policy === 'always' || policy === 'refresh' || policy === 'daily' || policy === 'weekly' || (policy.startsWith('every_') && parseDuration(policy.slice('every_'.length)) !== undefined);
  if ((present !== undefined && !refreshed) || seen.has(image)) return;
  seen.add(image);
  const cause = present === undefined ? 'the image is not there' : `the pull policy is ${policy}`;
  // An image that is there serves even when its registry does not answer.
  builder.add({ kind: 'pull-image', image, platform: service.platform ?? '', ignoreFailure: present !== undefined && policy !== 'always' }, cause);
}
