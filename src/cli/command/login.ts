import { createInterface } from 'node:readline/promises';
import type { CliContext, CommandSpec } from '../command-spec.ts';
import { RegistryAuths, serverNamed } from '../credentials/registry-auth.ts';
import { between } from '../grammar/arity.ts';
import { boolFlag, stringFlag } from '../grammar/flag.ts';
import { enterRawMode } from '../http/raw-terminal.ts';
import { invalid } from '../status-error.ts';

export const loginCommand: CommandSpec = {
  summary: 'Log in to a registry',
  operands: '[OPTIONS] [SERVER]',
  flags: [
    stringFlag('password', 'p', 'Password or access token'),
    boolFlag('password-stdin', '', 'Read the password from standard input'),
    stringFlag('username', 'u', 'User name'),
  ],
  arity: between(0, 1),
  run: async (context, args) => {
    const server = serverNamed(args.operands[0] ?? '');
    const auths = new RegistryAuths(context.options.configDirectory);
    const [givenUser, givenPassword] = [args.string('username'), args.string('password')];
    if (args.bool('password-stdin')) {
      if (givenPassword !== '') throw invalid('--password and --password-stdin are mutually exclusive');
      if (givenUser === '') throw invalid('Must provide --username with --password-stdin');
    }
    const known = givenUser === '' && givenPassword === '' ? await auths.find(server) : undefined;
    const entered = known ?? await credentials(context, args.bool('password-stdin'), givenUser, givenPassword, server);
    const client = await context.client();
    const { IdentityToken, Status } = await client.json<{ readonly IdentityToken?: string; readonly Status: string }>('POST', '/auth', { json: entered });
    const auth = (IdentityToken ?? '') === '' ? entered : { serveraddress: server, username: entered.username ?? '', identitytoken: IdentityToken ?? '' };
    const isPlain = await auths.store(auth);
    if (isPlain) context.err(`\nWARNING! Your credentials are stored unencrypted in '${context.options.configDirectory}/config.json'.\nConfigure a credential helper to remove this warning.\n\n`);
    context.out(`${Status}\n`);
    return 0;
  },
};

async function credentials(context: CliContext, fromStdin: boolean, username: string, password: string, serveraddress: string) {
  if (fromStdin) return { serveraddress, username, password: (await readAll(context)).replace(/\r?\n$/, '') };
  if (password !== '') context.err('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
  if ((username === '' || password === '') && context.io.stdin.isTTY !== true) throw invalid('Error: Cannot perform an interactive login from a non TTY device');
  const user = username === '' ? await ask(context, 'Username: ') : username;
  const secret = password === '' ? await askSecretly(context, 'Password: ') : password;
  if (user === '' || secret === '') throw invalid('username and password are needed');
  return { serveraddress, username: user, password: secret };
}

async function readAll({ io }: CliContext): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin) text += (chunk as Buffer).toString('utf8');
  return text;
}

async function ask({ io }: CliContext, question: string): Promise<string> {
  const lines = createInterface({ input: io.stdin, output: io.stderr, terminal: false });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

/** Nothing of it is shown. Control-C and Control-D give up. */
async function askSecretly({ io }: CliContext, question: string): Promise<string> {
  io.stderr.write(question);
  const restore = await enterRawMode(io.stdin);
  let secret = '';
  try {
    for await (const chunk of io.stdin) {
      for (const key of (chunk as Buffer).toString('utf8')) {
        if (key === '\r' || key === '\n') return secret;
        if (key === '\u0003' || key === '\u0004') throw invalid('given up');
        secret = key === '\u007f' ? secret.slice(0, -1) : secret + key;
      }
    }
    return secret;
  } finally {
    restore();
    io.stderr.write('\n');
  }
}
