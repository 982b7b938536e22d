import { GantryError } from '#base/error.ts';
import { formatDecimalSize, formatRoughDuration } from '#base/units.ts';
import { between, noOperands } from '#cli/grammar/arity.ts';
import { boolFlag, intFlag, listFlag, stringFlag } from '#cli/grammar/flag.ts';
import { displayPorts, joinHostPort } from '#cli/print/ports.ts';
import { alignTabs, type TableLayout } from '#cli/print/table.ts';
import { jsonValue, type View } from '#cli/template/value.ts';
import type { Header } from '#cli/print/format.ts';
import { parseImageName } from '#cli/image-name.ts';
import { volumeHeader, volumeView, type ListedVolume } from '#cli/print/volume-view.ts';
import { observeContainers, type ObservedContainer } from '#compose/plan/observe.ts';
import { labelFilter } from '#compose/plan/docker-api.ts';
import { label } from '#compose/value/labels.ts';
import type { ComposeCommand } from './compose-command.ts';
import type { ComposeContext } from './compose-context.ts';
import { checkServices, containersOf, oneContainer, openNamed } from './compose-session.ts';
import type { Listed } from './ps-view.ts';

/** Docker compose has no column for an id, which volumes have none of. */
const { ID: _none, ...VOLUME_HEADER } = volumeHeader;
const wide: TableLayout = { minWidth: 20, padding: 3 };
const narrow: TableLayout = { minWidth: 10, padding: 3 };

const table = (head: string, rows: readonly (readonly string[])[], layout: TableLayout): string => alignTabs(`${[head, ...rows.map((row) => row.join('\t'))].join('\n')}\n`, layout);
const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

const STATES = ['paused', 'restarting', 'removing', 'running', 'dead', 'created', 'exited'];

export const psCommand: ComposeCommand = {
  summary: 'List containers',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [
    boolFlag('all', 'a', 'Show stopped containers too, and those of single commands'), stringFlag('filter', '', 'Filter: status=STATE'), stringFlag('format', '', 'table, json or a Go TEMPLATE', { fallback: 'table' }),
    boolFlag('no-trunc', '', 'Cut nothing short'), boolFlag('orphans', '', 'Show containers whose service is not in the compose file', true), boolFlag('quiet', 'q', 'Print ids only'),
    boolFlag('services', '', 'Print names of services only'), listFlag('status', '', 'Show containers in this state'),
  ],
  run: async (context, args) => {
    const named = openNamed(context);
    const states = [...args.list('status'), ...(args.string('filter').startsWith('status=') ? [args.string('filter').slice('status='.length)] : [])];
    const bad = states.find((state) => !STATES.includes(state));
    if (bad !== undefined) throw new GantryError('invalid', `unknown status ${JSON.stringify(bad)}`, { hint: `known: ${STATES.join(', ')}` });
    const client = await context.cli.client();
    const listed = new Map((await client.json<readonly Listed[]>('GET', '/containers/json', { query: { all: true, filters: labelFilter(`${label.project}=${named.name}`) } })).map((entry) => [entry.Id, entry]));
    const all = args.bool('all') || states.length > 0;
    const found = (await allContainers(context, named, args.operands, args.bool('orphans'))).filter(({ state, oneOff }) => (states.length > 0 ? states.includes(state) : all || (!['exited', 'created', 'dead'].includes(state) && !oneOff)));
    const sorted = found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    if (args.bool('quiet')) context.cli.out(lines(sorted.map(({ id }) => id)));
    else if (args.bool('services')) context.cli.out(lines([...new Set(sorted.map(({ service }) => service))]));
    else if (args.string('format') === 'table') context.cli.out(table('NAME\tIMAGE\tCOMMAND\tSERVICE\tCREATED\tSTATUS\tPORTS', sorted.map((container) => psRow(container, listed.get(container.id), args.bool('no-trunc'))), narrow));
    else {
      const { psView, PS_HEADER } = await import('./ps-view.ts');
      const views = sorted.flatMap((container) => {
        const entry = listed.get(container.id);
        return entry === undefined ? [] : [psView(container, entry, { project: named.name, truncate: !args.bool('no-trunc'), nowMs: Date.now() })];
      });
      context.cli.out(await formatted(views, args.string('format'), PS_HEADER));
    }
    return 0;
  },
};

async function allContainers(context: ComposeContext, named: ReturnType<typeof openNamed>, services: readonly string[], orphans: boolean): Promise<ObservedContainer[]> {
  const all = await observeContainers(await context.cli.client(), named.name);
  checkServices(services, named.project, all);
  return all.filter(({ service }) => (services.length > 0 ? services.includes(service) : orphans || named.project === undefined || named.project.services.has(service)));
}

const COMMAND_WIDTH = 20;

function psRow(container: ObservedContainer, listed: Listed | undefined, whole: boolean): string[] {
  const command = listed?.Command ?? '';
  const shown = whole || command.length <= COMMAND_WIDTH ? command : `${command.slice(0, COMMAND_WIDTH - 1)}…`;
  return [container.name, container.image, JSON.stringify(shown), container.service, ago(listed?.Created), container.status, displayPorts(listed?.Ports ?? [])];
}

const ago = (created: number | undefined): string => `${formatRoughDuration(Date.now() / 1000 - (created ?? 0))} ago`;

/** By `json`, an object a line, or by a template. */
async function formatted(views: readonly View[], format: string, header: Header): Promise<string> {
  if (format === 'json') return lines(views.map(jsonValue));
  const { formatByTemplate } = await import('#cli/print/template-list.ts');
  return formatByTemplate(views, format, header);
}

interface InspectedImage { readonly Id: string; readonly Size: number; readonly Created?: string; readonly Os: string; readonly Architecture: string; readonly Variant?: string; readonly Metadata?: { readonly LastTagTime?: string } }

export const imagesCommand: ComposeCommand = {
  summary: 'List the images of created containers',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [stringFlag('format', '', 'table or json', { fallback: 'table' }), boolFlag('quiet', 'q', 'Print ids only')],
  run: async (context, args) => {
    const client = await context.cli.client();
    const found = (await containersOf(context, openNamed(context), args.operands)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const images = await Promise.all(found.map(async (container) => ({ container, image: await client.json<InspectedImage>('GET', `/images/${container.labels.get(label.image) || container.image}/json`) })));
    if (args.bool('quiet')) context.cli.out(lines([...new Set(images.map(({ image }) => image.Id.replace('sha256:', '')))]));
    else if (args.string('format') === 'json') context.cli.out(`${JSON.stringify(images.map(({ container, image }) => ({ ID: image.Id, ContainerName: container.name, Repository: repository(container.image), Tag: parseImageName(container.image).tag ?? 'latest', Platform: platformOf(image), Size: image.Size, LastTagTime: image.Metadata?.LastTagTime ?? NEVER })))}\n`);
    else {
      context.cli.out(table('CONTAINER\tREPOSITORY\tTAG\tPLATFORM\tIMAGE ID\tSIZE\tCREATED', images.map(({ container, image }) => [
        container.name, repository(container.image), parseImageName(container.image).tag ?? 'latest', platformOf(image), image.Id.replace('sha256:', '').slice(0, 12), formatDecimalSize(image.Size, 3), ago(Date.parse(image.Created ?? '') / 1000),
      ]), wide));
    }
    return 0;
  },
};

/** Go's time of nothing. */
const NEVER = '0001-01-01T00:00:00Z';
const platformOf = ({ Os, Architecture, Variant = '' }: InspectedImage): string => [Os, Architecture, ...(Variant === '' ? [] : [Variant])].join('/');
const repository = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');

export const lsCommand: ComposeCommand = {
  summary: 'List projects',
  operands: '[OPTIONS]',
  flags: [boolFlag('all', 'a', 'Show stopped projects too'), listFlag('filter', '', 'Filter: name=NAME'), stringFlag('format', '', 'table or json', { fallback: 'table' }), boolFlag('quiet', 'q', 'Print names only')],
  arity: noOperands,
  run: async (context, args) => {
    const client = await context.cli.client();
    const listed = await client.json<readonly { readonly State: string; readonly Labels: Readonly<Record<string, string>> | null }[]>('GET', '/containers/json', { query: { all: args.bool('all'), filters: labelFilter(label.project, label.hash) } });
    const projects = new Map<string, { states: string[]; files: Set<string> }>();
    for (const { State, Labels } of listed) {
      const name = Labels?.[label.project] ?? '';
      const project = projects.get(name) ?? { states: [], files: new Set<string>() };
      project.states.push(State);
      for (const file of (Labels?.[label.files] ?? '').split(',')) project.files.add(file);
      projects.set(name, project);
    }
    const wanted = args.list('filter').filter((filter) => filter.startsWith('name=')).map((filter) => filter.slice('name='.length));
    const rows = [...projects].filter(([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part))).toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { states, files }]) => ({ Name: name, Status: [...new Set(states)].toSorted().map((state) => `${state}(${states.filter((other) => other === state).length})`).join(', '), ConfigFiles: [...files].join(',') }));
    if (args.bool('quiet')) context.cli.out(lines(rows.map(({ Name }) => Name)));
    else context.cli.out(args.string('format') === 'json' ? `${JSON.stringify(rows)}\n` : table('NAME\tSTATUS\tCONFIG FILES', rows.map(({ Name, Status, ConfigFiles }) => [Name, Status, ConfigFiles]), wide));
    return 0;
  },
};

export const portCommand: ComposeCommand = {
  summary: 'Print the address at which a port is published',
  operands: '[OPTIONS] SERVICE PRIVATE_PORT',
  flags: [intFlag('index', '', 'Number of the container, when the service has several'), stringFlag('protocol', '', 'tcp or udp', { fallback: 'tcp' })],
  arity: between(2, 2),
  run: async (context, args) => {
    const { id } = await oneContainer(context, args.operand(0), args.int('index'));
    const client = await context.cli.client();
    const { NetworkSettings } = await client.json<{ readonly NetworkSettings: { readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null } }>('GET', `/containers/${id}/json`);
    const [binding] = NetworkSettings.Ports?.[`${args.operand(1)}/${args.string('protocol')}`] ?? [];
    if (binding === undefined) throw new GantryError('not-found', `no port ${args.operand(1)}/${args.string('protocol')} for container of ${args.operand(0)}`, { hint: 'publish it under ports' });
    context.cli.out(`${joinHostPort(binding.HostIp, binding.HostPort)}\n`);
    return 0;
  },
};

export const topCommand: ComposeCommand = {
  summary: 'Show the processes of services',
  operands: '[SERVICE...]',
  flags: [],
  run: async (context, args) => {
    const client = await context.cli.client();
    const found = (await containersOf(context, openNamed(context), args.operands)).filter(({ state }) => state === 'running');
    const tops = await Promise.all(found.map(async (container) => ({ container, ...(await client.json<{ readonly Titles: readonly string[]; readonly Processes: readonly (readonly string[])[] }>('GET', `/containers/${container.id}/top`)) })));
    const titles = tops[0]?.Titles ?? [];
    if (tops.length > 0) context.cli.out(table(['SERVICE', '#', ...titles].join('\t'), tops.flatMap(({ container, Processes }) => Processes.map((process) => [container.service, String(container.number), ...process])), { minWidth: 4, padding: 2 }));
    return 0;
  },
};

export const volumesCommand: ComposeCommand = {
  summary: 'List volumes',
  operands: '[OPTIONS] [SERVICE...]',
  flags: [stringFlag('format', '', 'table, json or a Go TEMPLATE', { fallback: 'table' }), boolFlag('quiet', 'q', 'Print names only')],
  run: async (context, args) => {
    const named = openNamed(context);
    const found = await containersOf(context, named, args.operands);
    const { Volumes } = await (await context.cli.client()).json<{ readonly Volumes: readonly ListedVolume[] | null }>('GET', '/volumes', { query: { filters: labelFilter(`${label.project}=${named.name}`) } });
    const volumes = (Volumes ?? []).filter(({ Name }) => args.operands.length === 0 || found.some((container) => container.volumes.some((volume) => volume.name === Name))).toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
    if (args.bool('quiet')) context.cli.out(lines(volumes.map(({ Name }) => Name)));
    else if (args.string('format') === 'table') context.cli.out(table('DRIVER\tVOLUME NAME', volumes.map(({ Driver, Name }) => [Driver, Name]), narrow));
    else context.cli.out(await formatted(volumes.map(volumeView), args.string('format'), VOLUME_HEADER));
    return 0;
  },
};

export const versionCommand: ComposeCommand = {
  summary: 'Show the version',
  operands: '[OPTIONS]',
  flags: [stringFlag('format', 'f', 'pretty or json'), boolFlag('short', '', 'Print the version only')],
  arity: noOperands,
  run: async (context, args) => {
    const { product } = await import('#cli/product.ts');
    const version = product.version;
    context.cli.out(args.bool('short') ? `${version}\n` : args.string('format') === 'json' ? `${JSON.stringify({ version })}\n` : `${product.title} Compose version ${version}\n`);
    return 0;
  },
};
