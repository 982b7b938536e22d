import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import type { ApiClient } from '../http/api-client.ts';
import { invalid } from '../status-error.ts';
import { imagePath, pathPart } from './_each.ts';
import { objectFormatFlag } from './_format-flag.ts';
import { inspectObjects } from './_inspect-objects.ts';
import { platformQuery } from './_platform.ts';

type ObjectType = 'container' | 'image' | 'network' | 'volume';
interface FetchOptions {
  readonly size?: boolean;
  readonly platform?: string | undefined;
  readonly verbose?: boolean;
}

const fetchers: Readonly<Record<ObjectType, (client: ApiClient, name: string, options: FetchOptions) => Promise<string>>> = {
  container: (client, name, { size = false }) => client.text('GET', `/containers/${pathPart(name)}/json`, { query: { size } }),
  image: (client, name, { platform }) => client.text('GET', `/images/${imagePath(name)}/json`, { query: { platform } }),
  network: (client, name, { verbose = false }) => client.text('GET', `/networks/${pathPart(name)}`, { query: { verbose: verbose ? 'true' : undefined } }),
  volume: (client, name) => client.text('GET', `/volumes/${pathPart(name)}`),
};
const TYPES = Object.keys(fetchers) as readonly ObjectType[];

/** `inspect` without a kind: the first of container, image, network and volume that has the name. */
export const inspectCommand: CommandSpec = {
  summary: 'Show everything about containers, images, networks and volumes',
  operands: '[OPTIONS] NAME|ID [NAME|ID...]',
  flags: [
    objectFormatFlag('f'),
    boolFlag('size', 's', 'Show the sizes of containers too'),
    stringFlag('type', '', `Look only for this type (${TYPES.join(', ')})`, { completes: TYPES }),
  ],
  arity: atLeast(1),
  run: async (context, args) => {
    const type = args.string('type');
    if (args.changed('type') && !isObjectType(type)) {
      throw invalid(type === '' ? `type is empty: must be one of ${quoted()}` : `unknown type: ${JSON.stringify(type)}: must be one of ${quoted()}`);
    }
    const client = await context.client();
    const size = args.bool('size');
    return inspectObjects(context, args.operands, args.string('format'), (name) =>
      isObjectType(type) ? fetchers[type](client, name, { size }) : fetchAny(context, client, name, size));
  },
};

/** `container inspect`, `image inspect` and so on. */
export function inspectCommandOf(type: ObjectType): CommandSpec {
  const noun = type.toUpperCase();
  return {
    summary: `Show everything about ${type}s`,
    operands: `[OPTIONS] ${noun} [${noun}...]`,
    flags: [
      objectFormatFlag('f'),
      ...(type === 'container' ? [boolFlag('size', 's', 'Show the sizes too')] : []),
      ...(type === 'image' ? [stringFlag('platform', '', 'Show this platform of the image (os/arch/variant)')] : []),
      ...(type === 'network' ? [boolFlag('verbose', 'v', 'Show diagnostic details')] : []),
    ],
    arity: atLeast(1),
    run: async (context, args) => {
      const client = await context.client();
      const options: FetchOptions = {
        size: type === 'container' && args.bool('size'),
        platform: type === 'image' ? platformQuery(args.string('platform')) : undefined,
        verbose: type === 'network' && args.bool('verbose'),
      };
      return inspectObjects(context, args.operands, args.string('format'), (name) => fetchers[type](client, name, options));
    },
  };
}

async function fetchAny(context: CliContext, client: ApiClient, name: string, size: boolean): Promise<string> {
  for (const type of TYPES) {
    try {
      const text = await fetchers[type](client, name, { size });
      if (size && type !== 'container') context.err(`WARNING: --size ignored for ${type}\n`);
      return text;
    } catch (error) {
      if (!isKind(error, 'not-found') && !/not supported|invalid reference format/.test(messageOf(error))) throw error;
    }
  }
  throw new GantryError('not-found', `Error: No such object: ${name}`);
}

function isObjectType(text: string): text is ObjectType {
  return (TYPES as readonly string[]).includes(text);
}

function quoted(): string {
  return TYPES.map((type) => JSON.stringify(type)).join(', ');
}
