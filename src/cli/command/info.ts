import { messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { noOperands } from '../grammar/arity.ts';
import { ConnectionError } from '../http/connect.ts';
import { clientApiVersion } from '../http/api-client.ts';
import { product } from '../product.ts';
import { StatusError } from '../status-error.ts';
import type { Template } from '../template/template.ts';
import { objectFormatFlag } from './_format-flag.ts';
import { goArchitecture } from './_go-architecture.ts';
import { describeServer, type ServerInfo } from './_server-info.ts';

export const infoCommand: CommandSpec = {
  summary: 'Show the state of the daemon and its machine',
  operands: '[OPTIONS]',
  aliases: ['system info', 'info'],
  flags: [objectFormatFlag('f')],
  arity: noOperands,
  run: async (context, args) => {
    const format = args.string('format');
    const template = format === '' ? undefined : await compile(format);
    const clientInfo = {
      Debug: context.options.debug, Version: product.version, DefaultAPIVersion: clientApiVersion, Os: 'linux', Arch: goArchitecture(), Context: 'default',
      Plugins: [], Warnings: null,
    };
    let server: ServerInfo | undefined;
    let failure: unknown;
    try {
      server = await (await context.client()).json<ServerInfo>('GET', '/info');
    } catch (error) {
      failure = error;
    }
    if (template !== undefined) {
      if (failure !== undefined && !(failure instanceof ConnectionError)) context.err(`${messageOf(failure)}\n`);
      context.out(`${template.execute({ ...server, ClientInfo: clientInfo })}\n`);
    } else {
      const head = ['Client:', ` Version:    ${product.version}`, ' Context:    default', ` Debug Mode: ${context.options.debug}`, '', 'Server:'];
      context.out(`${head.join('\n')}\n${server === undefined ? '' : `${describeServer(server, context.options.debug).join('\n')}\n\n`}`);
      for (const warning of server?.Warnings ?? []) context.err(`${warning}\n`);
    }
    if (failure instanceof ConnectionError) throw failure;
    if (failure !== undefined) throw new StatusError(1, template === undefined ? `ERROR: ${messageOf(failure)}\nerrors pretty printing info` : '');
    return 0;
  },
};

async function compile(format: string): Promise<Template> {
  const { compileTemplate } = await import('../template/template.ts');
  try {
    return compileTemplate(format === 'json' ? '{{json .}}' : format);
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`);
  }
}
