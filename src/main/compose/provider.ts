import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { GantryError } from '#base/error.ts';
import type { ProviderRunner } from '#compose/apply/apply.ts';
import { providerArguments, readMetadata, readProviderMessage, type ProviderCommand } from '#compose/apply/provider-protocol.ts';
import { serviceOf, type Project } from '#compose/model/project.ts';
import type { ComposeContext } from './compose-context.ts';
import { findPlugin, findProgram } from './plugin-path.ts';

/** Variables by service, as they come. */
export type ProvidedSoFar = Map<string, Map<string, string>>;

/** Runs the programs of providers, with the environment of the project and the daemon's address. */
export function providerRunner(context: ComposeContext, address: string, project: Project, provided: ProvidedSoFar): ProviderRunner {
  const env = { ...process.env, ...Object.fromEntries(project.environment), DOCKER_HOST: address };
  return {
    async run(service, command) {
      const config = serviceOf(project, service);
      const type = config.provider?.type ?? '';
      const program = programOf(context, type, service);
      const metadata = readMetadata(await printed(program, ['compose', 'metadata'], env));
      provided.set(service, await converse(context, service, program, providerArguments(project.name, service, config, command, metadata), command, env));
    },
  };
}

function programOf({ cli }: ComposeContext, type: string, service: string): string {
  const subject = `service ${service}`;
  if (type === 'compose') throw new GantryError('invalid', `'compose' is not a valid provider type`, { subject });
  const program = (type.includes('/') ? undefined : findPlugin(cli.options.configDirectory, type)) ?? findProgram(type, cli.io.env['PATH'] ?? '');
  if (program === undefined) throw new GantryError('not-found', `there is no program for provider ${type}`, { subject, hint: `put docker-${type} among the plugins of the docker command line, or ${type} on the PATH` });
  return program;
}

/** What a program that may not know the command prints; nothing where it fails. */
async function printed(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once('error', () => resolve(false)).once('close', (code) => resolve(code === 0));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  return await promise ? text : '';
}

async function converse({ cli, global }: ComposeContext, service: string, program: string, args: readonly string[], command: ProviderCommand, env: NodeJS.ProcessEnv): Promise<Map<string, string>> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  ended.catch(() => undefined);
  const variables = new Map<string, string>();
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.trim() === '') continue;
      const message = readProviderMessage(line);
      if (message.type === 'setenv') variables.set(message.name, message.value);
      else if (message.type === 'info' || global.bool('verbose')) cli.err(`${service}: ${message.message}\n`);
    }
  } catch (thrown) {
    child.kill();
    throw thrown;
  }
  const code = await ended;
  if (code !== 0) throw new GantryError('unavailable', `failed to ${command === 'up' ? 'create' : 'remove'} service provider: ${code === null ? 'it was killed' : `exit status ${code}`}`, { hint: `see what it says: ${program} ${args.join(' ')}` });
  return variables;
}
