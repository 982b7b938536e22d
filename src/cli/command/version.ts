import { messageOf } from '#base/error.ts';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { clientApiVersion } from '../http/api-client.ts';
import { alignTabs } from '../print/table.ts';
import { buildTime } from '../print/time.ts';
import { product } from '../product.ts';
import { StatusError } from '../status-error.ts';
import type { Template } from '../template/template.ts';
import { objectFormatFlag } from './_format-flag.ts';
import { goArchitecture } from './_go-architecture.ts';

interface Component {
  readonly Name: string;
  readonly Version: string;
  readonly Details?: Readonly<Record<string, string>> | null;
}

type ServerVersion = Readonly<Record<string, unknown>> & {
  readonly Platform?: { readonly Name: string };
  readonly Components?: readonly Component[] | null;
  readonly Version?: string;
};

export const versionCommand: CommandSpec = {
  summary: 'Show the versions of client and daemon',
  operands: '[OPTIONS]',
  flags: [objectFormatFlag('f')],
  arity: noOperands,
  run: async (context, args) => {
    const format = args.string('format');
    const template = format === '' ? undefined : await templateOf(format);
    const { server, apiVersion, failure } = await askServer(context);
    const client = clientVersion(apiVersion);
    context.out(template === undefined ? describeVersions(client, server) : `${template.execute({ Client: client, Server: server ?? null })}\n`);
    if (failure !== undefined) throw failure;
    return 0;
  },
};

/** `json` or a template, which is read before anybody is asked. */
async function templateOf(format: string): Promise<Template> {
  const { compileTemplate } = await import('../template/template.ts');
  try {
    return compileTemplate(format === 'json' ? '{{json .}}' : format, {}, 'version');
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`);
  }
}

function describeVersions(client: ClientVersion, server: ServerVersion | undefined): string {
  const downgraded = client.ApiVersion === client.DefaultAPIVersion ? '' : ` (downgraded from ${client.DefaultAPIVersion})`;
  const platform = server?.Platform?.Name ?? '';
  const lines = [
    'Client:',
    ` Version:\t${client.Version}`,
    ` API version:\t${client.ApiVersion}${downgraded}`,
    ` Node version:\t${client.NodeVersion}`,
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
    ` Context:\t${client.Context}`,
    ...(server === undefined ? [] : ['', `Server:${platform === '' ? '' : ` ${platform}`}`]),
    ...(server?.Components ?? []).flatMap((component) => [` ${component.Name}:`, ...componentRows(component).map((row) => `  ${row}`)]),
  ];
  return alignTabs(`${lines.join('\n')}\n`, { minWidth: 20, padding: 1 });
}

/** The lines below a component's name. The engine's have their own order and titles, another's are sorted. */
function componentRows({ Name, Version, Details }: Component): readonly string[] {
  const details = Details ?? {};
  if (Name !== 'Engine') {
    const sorted = Object.keys(details).toSorted().map((key) => `${key}:\t${details[key] ?? ''}`);
    return [`Version:\t${Version}`, ...sorted];
  }
  const show = (key: string): string => details[key] ?? '<no value>';
  const optional = ([title, key]: readonly [string, string]): readonly string[] => (details[key] === undefined ? [] : [`${title}:\t${show(key)}`]);
  return [
    `Version:\t${Version}`,
    `API version:\t${show('ApiVersion')} (minimum version ${show('MinAPIVersion')})`,
    ...optional(['Go version', 'GoVersion']),
    ...optional(['Node version', 'NodeVersion']),
    `Git commit:\t${show('GitCommit')}`,
    `Built:\t${show('BuildTime')}`,
    `OS/Arch:\t${show('Os')}/${show('Arch')}`,
    `Experimental:\t${show('Experimental')}`,
  ];
}

interface Asked {
  readonly server?: ServerVersion;
  readonly apiVersion: string;
  readonly failure?: unknown;
}

/** Without a daemon there is still a client to tell about; the failure is told after it. */
async function askServer(context: CliContext): Promise<Asked> {
  try {
    const client = await context.client();
    const server = await client.json<ServerVersion>('GET', '/version');
    return { server: withEngine(server), apiVersion: client.version };
  } catch (failure) {
    return { apiVersion: clientApiVersion, failure };
  }
}

/** Old daemons list no components: the engine is made of the fields around them. */
function withEngine(server: ServerVersion): ServerVersion {
  const components = server.Components ?? [];
  const named = components.some(({ Name }) => Name === 'Engine') ? components : [...components, engineOf(server)];
  const shown = named.map((component) =>
    component.Name === 'Engine' && component.Details?.['BuildTime'] !== undefined
      ? { ...component, Details: { ...component.Details, BuildTime: buildTime(component.Details['BuildTime']) } }
      : component);
  const { ApiVersion } = server;
  const whole = { Platform: { Name: '' }, ...server, Components: shown };
  return Object.defineProperty(whole, 'APIVersion', { value: ApiVersion });
}

function engineOf(server: ServerVersion): Component {
  const keys = ['ApiVersion', 'MinAPIVersion', 'GitCommit', 'GoVersion', 'Os', 'Arch', 'BuildTime'];
  const details = Object.fromEntries(keys.map((key) => [key, String(server[key] ?? '')]));
  return { Name: 'Engine', Version: String(server.Version ?? ''), Details: { ...details, Experimental: String(server['Experimental'] ?? false) } };
}

interface ClientVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly DefaultAPIVersion: string;
  readonly NodeVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Context: string;
}

function clientVersion(apiVersion: string): ClientVersion {
  const client = {
    Version: product.version,
    ApiVersion: apiVersion,
    DefaultAPIVersion: clientApiVersion,
    NodeVersion: process.version,
    Os: 'linux',
    Arch: goArchitecture(),
    Context: 'default',
  };
  // Templates say APIVersion, JSON says ApiVersion.
  return Object.defineProperty(client, 'APIVersion', { value: apiVersion });
}
