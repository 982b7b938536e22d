import type { CommandSpec } from '../command-spec.ts';
import { HUB_SERVER, RegistryAuths, serverNamed } from '../credentials/registry-auth.ts';
import { between } from '../grammar/arity.ts';

export const logoutCommand: CommandSpec = {
  summary: 'Log out from a registry',
  operands: '[SERVER]',
  flags: [],
  arity: between(0, 1),
  run: async (context, args) => {
    const server = serverNamed(args.operands[0] ?? '');
    const auths = new RegistryAuths(context.options.configDirectory);
    const shown = server === HUB_SERVER ? HUB_SERVER : server;
    if (await auths.find(server) === undefined) context.out(`Not logged in to ${shown}\n`);
    else context.out(`Removing login credentials for ${shown}\n`);
    await auths.erase(server);
    return 0;
  },
};
