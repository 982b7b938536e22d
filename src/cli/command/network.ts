import { isKind, messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { atLeast, exactly, noOperands } from '../grammar/arity.ts';
import { boolFlag, intFlag, listFlag, stringFlag, type FlagSpec } from '../grammar/flag.ts';
import { emptyEndpoint } from '../lower/network.ts';
import { cut, listOrNull, toMap } from '../lower/split.ts';
import { lowerSubnets } from '../lower/subnets.ts';
import { checkLabel, checkLink } from '../lower/values.ts';
import { formatList, listField } from '../print/format.ts';
import { shortId } from '../print/short.ts';
import { invalid, StatusError } from '../status-error.ts';
import { viewType, type View } from '../template/value.ts';
import { joinLabels } from '../print/labels.ts';
import { pathPart } from './_each.ts';
import { filterFlag, filterQuery } from './_filters.ts';
import { listFormatFlag } from './_format-flag.ts';
import { compareNaturally } from './_natural.ts';

interface ListedNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6: boolean;
  readonly Internal: boolean;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Created: string;
}

const strings = (name: string, help: string): FlagSpec => ({ name, kind: 'strings', help });
const map = (name: string, short: string, help: string): FlagSpec => listFlag(name, short, help, { value: 'map' });

const header = {
  ID: 'NETWORK ID', Name: 'NAME', Driver: 'DRIVER', Scope: 'SCOPE', IPv4: 'IPV4', IPv6: 'IPV6', Internal: 'INTERNAL', Labels: 'LABELS', CreatedAt: 'CREATED AT',
};

const list: CommandSpec = {
  summary: 'List networks',
  operands: '[OPTIONS]',
  aliases: ['network ls', 'network list'],
  flags: [filterFlag(), listFormatFlag, boolFlag('no-trunc', '', 'Cut nothing short'), boolFlag('quiet', 'q', 'Print ids only')],
  arity: noOperands,
  run: async (context, args) => {
    const client = await context.client();
    const networks = await client.json<readonly ListedNetwork[]>('GET', '/networks', { query: { filters: filterQuery(args.list('filter')) } });
    const views = networks.toSorted((a, b) => compareNaturally(a.Name, b.Name)).map((network) => networkView(network, !args.bool('no-trunc')));
    const format = args.string('format');
    const quiet = args.bool('quiet') && ['', 'table'].includes(format);
    context.out(quiet ? listField(views, 'ID') : await formatList(views, { format, columns: ['ID', 'Name', 'Driver', 'Scope'], header }));
    return 0;
  },
};

function networkView(network: ListedNetwork, truncate: boolean): View {
  const labels = network.Labels ?? {};
  return {
    [viewType]: '*network.networkContext',
    ID: truncate ? shortId(network.Id) : network.Id,
    Name: network.Name,
    Driver: network.Driver,
    Scope: network.Scope,
    IPv4: String(network.EnableIPv4 ?? true),
    IPv6: String(network.EnableIPv6),
    Internal: String(network.Internal),
    Labels: joinLabels(labels),
    Label: (name: unknown) => labels[String(name)] ?? '',
    CreatedAt: goCreated(network.Created),
  };
}

/** `2026-11-23T22:01:05.1Z` as Go prints a time: `2026-11-23 22:01:05.1 +0000 UTC`. */
function goCreated(text: string): string {
  const match = /^(.*?)T(.*?)(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return text;
  const [, day = '', clock = '', zone = ''] = match;
  const offset = zone === 'Z' ? '+0000' : zone.replace(':', '');
  return `${day} ${clock} ${offset} ${zone === 'Z' ? 'UTC' : offset}`;
}

const create: CommandSpec = {
  summary: 'Create a network',
  operands: '[OPTIONS] NETWORK',
  flags: [
    boolFlag('attachable', '', 'Let containers be attached by hand'),
    map('aux-address', '', 'Address that the driver uses itself (name=ip)'),
    stringFlag('config-from', '', 'Network to take the settings of'),
    boolFlag('config-only', '', 'Create settings for other networks, no network'),
    stringFlag('driver', 'd', 'Driver of the network', { fallback: 'bridge' }),
    strings('gateway', 'Gateway of the subnet'),
    boolFlag('ingress', '', 'Create the routing mesh of a swarm'),
    boolFlag('internal', '', 'Allow no traffic to the outside'),
    strings('ip-range', 'Part of the subnet that containers get addresses of'),
    stringFlag('ipam-driver', '', 'Driver that manages the addresses', { fallback: 'default' }),
    map('ipam-opt', '', 'Option of the address driver'),
    boolFlag('ipv4', '', 'Give containers IPv4 addresses', true),
    boolFlag('ipv6', '', 'Give containers IPv6 addresses'),
    listFlag('label', '', 'Add a label (key=value)', { check: checkLabel }),
    map('opt', 'o', 'Option of the driver'),
    stringFlag('scope', '', 'Scope of the network'),
    strings('subnet', 'Subnet of the network (CIDR)'),
  ],
  arity: exactly(1),
  run: async (context, args) => {
    const config = lowerSubnets(args.list('subnet'), args.list('ip-range'), args.list('gateway'), toMap(args.list('aux-address')));
    const body = {
      Driver: args.string('driver'),
      Scope: args.string('scope'),
      ...(args.changed('ipv4') ? { EnableIPv4: args.bool('ipv4') } : {}),
      ...(args.changed('ipv6') ? { EnableIPv6: args.bool('ipv6') } : {}),
      IPAM: { Driver: args.string('ipam-driver'), Options: toMap(args.list('ipam-opt')), Config: config },
      Internal: args.bool('internal'),
      Attachable: args.bool('attachable'),
      Ingress: args.bool('ingress'),
      ConfigOnly: args.bool('config-only'),
      ConfigFrom: args.string('config-from') === '' ? null : { Network: args.string('config-from') },
      Options: toMap(args.list('opt')),
      Labels: toMap(args.list('label')),
      Name: args.operand(0),
    };
    const client = await context.client();
    const { Id } = await client.json<{ readonly Id: string }>('POST', '/networks/create', { json: body });
    context.out(`${Id}\n`);
    return 0;
  },
};

const remove: CommandSpec = {
  summary: 'Remove networks',
  operands: '[OPTIONS] NETWORK [NETWORK...]',
  aliases: ['network rm', 'network remove'],
  flags: [boolFlag('force', 'f', 'Do not complain when it is not there')],
  arity: atLeast(1),
  run: async (context, args) => {
    const client = await context.client();
    let failed = false;
    for (const name of args.operands) {
      try {
        await client.text('DELETE', `/networks/${pathPart(name)}`);
        context.out(`${name}\n`);
      } catch (error) {
        if (args.bool('force') && isKind(error, 'not-found')) continue;
        context.err(`${messageOf(error)}\n`);
        failed = true;
      }
    }
    if (failed) throw new StatusError(1, 'exit status 1');
    return 0;
  },
};

const connect: CommandSpec = {
  summary: 'Connect a container to a network',
  operands: '[OPTIONS] NETWORK CONTAINER',
  flags: [
    strings('alias', 'Another name of the container in the network'),
    strings('driver-opt', 'Option of the driver'),
    intFlag('gw-priority', '', 'The network of the highest priority has the default gateway'),
    stringFlag('ip', '', 'IPv4 address'),
    stringFlag('ip6', '', 'IPv6 address'),
    listFlag('link', '', 'Link to another container (name:alias)', { check: checkLink }),
    strings('link-local-ip', 'Link-local address'),
  ],
  arity: exactly(2),
  run: async (context, args) => {
    const linkLocal = args.list('link-local-ip');
    const endpoint = {
      ...emptyEndpoint,
      IPAMConfig: {
        ...(args.string('ip') === '' ? {} : { IPv4Address: args.string('ip') }),
        ...(args.string('ip6') === '' ? {} : { IPv6Address: args.string('ip6') }),
        ...(linkLocal.length === 0 ? {} : { LinkLocalIPs: linkLocal }),
      },
      Links: listOrNull(args.list('link')),
      Aliases: args.list('alias'),
      DriverOpts: Object.fromEntries(args.list('driver-opt').map(parseDriverOption)),
      GwPriority: args.int('gw-priority'),
    };
    const client = await context.client();
    await client.text('POST', `/networks/${pathPart(args.operand(0))}/connect`, { json: { Container: args.operand(1), EndpointConfig: endpoint } });
    return 0;
  },
};

function parseDriverOption(text: string): readonly [string, string] {
  const [key, value] = cut(text, '=');
  if (value === undefined || key.trim() === '') throw invalid('invalid key/value pair format in driver options');
  return [key.trim(), value.trim()];
}

const disconnect: CommandSpec = {
  summary: 'Disconnect a container from a network',
  operands: '[OPTIONS] NETWORK CONTAINER',
  flags: [boolFlag('force', 'f', 'Disconnect it though it does not answer')],
  arity: exactly(2),
  run: async (context, args) => {
    const client = await context.client();
    await client.text('POST', `/networks/${pathPart(args.operand(0))}/disconnect`, { json: { Container: args.operand(1), Force: args.bool('force') } });
    return 0;
  },
};

export const networkCommands = { list, create, remove, connect, disconnect };
