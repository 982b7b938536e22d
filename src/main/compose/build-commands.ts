import { GantryError } from '#base/error.ts';
import { SystemTimers } from '#base/edge/system-clock.ts';
import { boolFlag, listFlag, stringFlag } from '#cli/grammar/flag.ts';
import { fullRepository, parseImageName } from '#cli/image-name.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { readJsonLines } from '#cli/http/json-lines.ts';
import { imageName } from '#compose/lower/names.ts';
import { applyPlan } from '#compose/apply/apply.ts';
import { planImages } from '#compose/plan/plan-images.ts';
import { renderPlan } from '#compose/plan/plan.ts';
import { imageId } from '#compose/plan/observe.ts';
import { writeIndentedJson } from '#compose/yaml/write-json.ts';
import { buildImage } from './build-image.ts';
import type { ComposeCommand } from './compose-command.ts';
import type { ComposeContext } from './compose-context.ts';
import { registryHeader } from './image-source.ts';
import { openSelected, perform, progressMode } from './compose-session.ts';
import { stepProgress } from './step-progress.ts';

export const buildCommand: ComposeCommand = {
  summary: 'Build the images of services',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [
    listFlag('build-arg', '', 'Value of an ARG: NAME=VALUE'), stringFlag('builder', '', 'Accepted, and without effect'), stringFlag('memory', 'm', 'Accepted, and without effect'), boolFlag('no-cache', '', 'Build without the cache'),
    boolFlag('print', '', 'Print the builds as a file for buildx bake, and build nothing'), boolFlag('pull', '', 'Fetch a newer version of base images'), boolFlag('push', '', 'Push the images then'), boolFlag('quiet', 'q', 'Print nothing'),
    boolFlag('check', '', 'Look for faults in Dockerfiles, and build nothing'), stringFlag('provenance', '', 'Add a statement of how the image was made'), stringFlag('sbom', '', 'Add a statement of what is in the image'),
    listFlag('ssh', '', 'Agent or key for the build: default, or NAME=PATH'), boolFlag('with-dependencies', '', 'Build what the services depend on too'),
  ],
  run: async (context, args) => {
    const given = new Map(args.list('build-arg').map((entry) => [entry.split('=')[0] as string, entry.includes('=') ? entry.slice(entry.indexOf('=') + 1) : context.cli.io.env[entry] ?? '']));
    if (args.bool('print')) {
      context.cli.out(await printedBuilds(context, args, given));
      return 0;
    }
    const project = openSelected(context, { services: args.operands, related: args.bool('with-dependencies') ? 'dependencies' : 'none' });
    const buildable = { ...project, services: new Map([...project.services].filter(([, { build }]) => build !== undefined)) };
    const plan = planImages(buildable, new Map(), { build: true, noBuild: false, pull: 'never' });
    if (context.dryRun) {
      context.cli.out(renderPlan(plan));
      return 0;
    }
    const client = await context.cli.client();
    const build = (service: string, image: string): Promise<void> => buildImage(client, {
      project, service, image, config: project.services.get(service) ?? {}, write: args.bool('quiet') ? () => {} : context.cli.err, noCache: args.bool('no-cache'), pull: args.bool('pull'), args: given,
      check: args.bool('check'), ssh: args.list('ssh'), ...(args.changed('provenance') ? { provenance: args.string('provenance') } : {}), ...(args.changed('sbom') ? { sbom: args.string('sbom') } : {}),
    });
    await applyPlan(plan, { api: client, timers: new SystemTimers(), images: { build, pull: () => Promise.resolve() }, providers: { run: () => Promise.resolve() } }, { progress: stepProgress(args.bool('quiet') ? 'quiet' : progressMode(context), context.cli.io.stderr), parallel: context.global.int('parallel'), isCancelled: () => false });
    return args.bool('push') ? pushAll(context, [...buildable.services].map(([name, service]) => imageName(project, name, service)), false) : 0;
  },
};

async function printedBuilds(context: ComposeContext, args: ParsedArgs, given: ReadonlyMap<string, string>): Promise<string> {
  const { bakeFile } = await import('#compose/lower/bake-file.ts');
  const named = openSelected(context, { services: args.operands, related: args.bool('with-dependencies') ? 'dependencies' : 'none' });
  // What a build starts from may be another service's image, which nobody named.
  const project = openSelected(context, { services: [], related: 'none' });
  const services = [...named.services.keys()];
  const file = bakeFile(project, services, {
    noCache: args.bool('no-cache'), pull: args.bool('pull'), push: args.bool('push'), args: given, ssh: args.list('ssh'), provenance: args.string('provenance'), sbom: args.string('sbom'),
  });
  return `${writeIndentedJson(file)}\n`;
}

export const pullCommand: ComposeCommand = {
  summary: 'Pull the images of services',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [
    boolFlag('ignore-buildable', '', 'Leave images that can be built'), boolFlag('ignore-pull-failures', '', 'Go on after a failure'), boolFlag('include-deps', '', 'Pull for services that others depend on too'),
    stringFlag('policy', '', 'missing or always', { completes: ['missing', 'always'] }), boolFlag('quiet', 'q', 'Print nothing'),
  ],
  run: async (context, args) => {
    const project = openSelected(context, { services: args.operands, related: args.bool('include-deps') ? 'dependencies' : 'none' });
    const services = [...project.services].filter(([, { build, image = '' }]) => image !== '' && (build === undefined || !args.bool('ignore-buildable')));
    const named = { ...project, services: new Map(services.map(([name, { build: _build, ...service }]) => [name, service])) };
    const client = await context.cli.client();
    const present = args.string('policy') === 'missing' ? new Map(await Promise.all(services.map(async ([, { image = '' }]) => [image, await imageId(client, image)] as const))) : new Map<string, string>();
    const plan = planImages(named, present, { build: false, noBuild: true, pull: args.string('policy') === 'missing' ? 'missing' : 'always' });
    const lenient = args.bool('ignore-pull-failures') ? { ...plan, nodes: plan.nodes.map((node) => (node.step.kind === 'pull-image' ? { ...node, step: { ...node.step, ignoreFailure: true } } : node)) } : plan;
    return perform(context, lenient, { project });
  },
};

export const pushCommand: ComposeCommand = {
  summary: 'Push the images of services that are built',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [boolFlag('ignore-push-failures', '', 'Go on after a failure'), boolFlag('include-deps', '', 'Push for services that others depend on too'), boolFlag('quiet', 'q', 'Print nothing')],
  run: async (context, args) => {
    const project = openSelected(context, { services: args.operands, related: args.bool('include-deps') ? 'dependencies' : 'none' });
    return pushAll(context, [...project.services].filter(([, { build, image = '' }]) => build !== undefined && image !== '').map(([, { image = '' }]) => image), args.bool('ignore-push-failures'));
  },
};

export async function pushAll(context: Parameters<ComposeCommand['run']>[0], images: readonly string[], lenient: boolean): Promise<number> {
  const client = await context.cli.client();
  for (const image of images) {
    context.cli.err(` Image ${image}  Pushing\n`);
    const name = parseImageName(image);
    const headers = await registryHeader(context, image);
    try {
      for await (const { error } of readJsonLines<{ readonly error?: string }>(client.stream('POST', `/images/${fullRepository(name)}/push`, { query: { tag: name.tag ?? 'latest' }, headers }))) if (error !== undefined) throw new GantryError('unavailable', error, { subject: `image ${image}` });
      context.cli.err(` Image ${image}  Pushed\n`);
    } catch (thrown) {
      if (!lenient) throw thrown;
      context.cli.err(` Image ${image}  ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    }
  }
  return 0;
}
