import { messageOf } from '#base/error.ts';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { clientApiVersion } from '../http/api-client.ts';
import { alignTabs } from '../print/table.ts';
import { buildTime } from '../print/time.ts';
import { product } from '../product.ts';
import { StatusError } from '../status-error.ts';
import { compileTemplate, type Template } from '../template/template.ts';
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

const TEMPLATE = `{{with .Client -}}
Client:
 Version:\t{{.Version}}
 API version:\t{{.APIVersion}}{{if ne .APIVersion .DefaultAPIVersion}} (downgraded from {{.DefaultAPIVersion}}){{end}}
 Node version:\t{{.NodeVersion}}
 OS/Arch:\t{{.Os}}/{{.Arch}}
 Context:\t{{.Context}}
{{- end}}

{{- with .Server}}

Server:{{if ne .Platform.Name ""}} {{.Platform.Name}}{{end}}
{{- range .Components}}
 {{.Name}}:
{{- range rows .}}
  {{.}}
{{- end}}
{{- end}}
{{- end}}`;

export const versionCommand: CommandSpec = {
  summary: 'Show the versions of client and daemon',
  operands: '[OPTIONS]',
  flags: [objectFormatFlag('f')],
  arity: noOperands,
  run: async (context, args) => {
    const template = templateOf(args.string('format'));
    const { server, apiVersion, failure } = await askServer(context);
    const versions = { Client: clientVersion(apiVersion), Server: server ?? null };
    const text = `${template.execute(versions)}\n`;
    context.out(args.string('format') === '' ? alignTabs(text, { minWidth: 20, padding: 1 }) : text);
    if (failure !== undefined) throw failure;
    return 0;
  },
};

function templateOf(format: string): Template {
  const source = format === '' ? TEMPLATE : format === 'json' ? '{{json .}}' : format;
  try {
    return compileTemplate(source, { rows: (component) => componentRows(component as Component) }, 'version');
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`);
  }
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

function clientVersion(apiVersion: string): object {
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
