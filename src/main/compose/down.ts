import { boolFlag, intFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { withDefaultTag } from '#cli/image-name.ts';
import { providedServices } from '#compose/model/provided.ts';
import { observeContainers, observeNetworks, observeVolumes, type ObservedContainer } from '#compose/plan/observe.ts';
import { planDown } from '#compose/plan/plan-down.ts';
import { observeImages, presentImages, removableImages } from '#compose/plan/project-images.ts';
import { label } from '#compose/value/labels.ts';
import { GantryError } from '#base/error.ts';
import type { ComposeCommand } from './compose-command.ts';
import { checkServices, openNamed, perform, type NamedProject } from './compose-session.ts';

export const downCommand: ComposeCommand = {
  summary: 'Stop and remove containers and networks',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [
    boolFlag('remove-orphans', '', 'Remove containers whose service is not in the compose file'),
    stringFlag('rmi', '', 'Remove images: all, or local for those without a name of their own', { completes: ['all', 'local'] }),
    intFlag('timeout', 't', 'Seconds to wait before a container is killed'),
    boolFlag('volumes', 'v', 'Remove volumes too'),
  ],
  run: async (context, args) => {
    const rmi = args.string('rmi');
    if (!['', 'all', 'local'].includes(rmi)) throw new GantryError('invalid', `invalid value for --rmi: ${JSON.stringify(rmi)}`, { hint: 'all and local are known' });
    const named = openNamed(context);
    const client = await context.cli.client();
    const [containers, networks, volumes] = await Promise.all([observeContainers(client, named.name), observeNetworks(client), args.bool('volumes') ? observeVolumes(client) : new Map()]);
    checkServices(args.operands, named.project, containers);
    const whole = args.operands.length === 0;
    const gone = containers.filter((container) => (whole ? belongs(container, named, args.bool('remove-orphans')) : args.operands.includes(container.service)));
    const mine = (resources: ReadonlyMap<string, { readonly labels: ReadonlyMap<string, string> }>): string[] => [...resources].filter(([, { labels }]) => labels.get(label.project) === named.name).map(([name]) => name);
    // Without files the services are those that have containers.
    const isMeant = (service: string): boolean => {
      if (!whole) return args.operands.includes(service);
      return args.bool('remove-orphans') || (named.project === undefined ? containers.some((container) => container.service === service) : named.project.services.has(service));
    };
    return perform(context, planDown({
      containers: gone,
      provided: providedBy(named, args.operands),
      networks: whole ? mine(networks).filter((name) => isDeclared(name, named.project?.networks)) : [],
      volumes: whole ? mine(volumes).filter((name) => isDeclared(name, named.project?.volumes)) : [],
      images: rmi === '' ? [] : await imagesOf(client, named, rmi === 'all' ? 'all' : 'local', isMeant),
    }, { timeoutSeconds: args.changed('timeout') ? args.int('timeout') : undefined, project: named.project }), named.project === undefined ? {} : { project: named.project });
  },
};

/** Without files nobody can say what is an orphan. One-off containers go with the project. */
function belongs({ service, oneOff }: ObservedContainer, { project }: NamedProject, orphans: boolean): boolean {
  return project === undefined || oneOff || orphans || project.services.has(service) || project.disabled.has(service);
}

/** Those that others depend on come last. */
function providedBy({ project }: NamedProject, services: readonly string[]): { readonly service: string; readonly provider: string }[] {
  if (project === undefined) return [];
  const chosen = providedServices(project).filter((service) => services.length === 0 || services.includes(service));
  return chosen.toReversed().map((service) => ({ service, provider: project.services.get(service)?.provider?.type ?? '' }));
}

function isDeclared(name: string, declared: ReadonlyMap<string, { readonly name?: string; readonly external?: boolean }> | undefined): boolean {
  if (declared === undefined) return true;
  return ![...declared.values()].some((entry) => entry.name === name && entry.external === true);
}

async function imagesOf(client: ApiClient, { name, project }: NamedProject, mode: 'local' | 'all', isMeant: (service: string) => boolean): Promise<string[]> {
  const names = removableImages(project, await observeImages(client, name, false), { mode, isMeant });
  return presentImages(client, [...new Set(names.map(withDefaultTag))].toSorted());
}
