import { GantryError } from '#base/error.ts';
import type { ApiClient } from '#cli/http/api-client.ts';
import { readJsonLines } from '#cli/http/json-lines.ts';
import { fullRepository, parseImageName } from '#cli/image-name.ts';
import type { ImageSource } from '#compose/apply/apply.ts';
import type { ApplyExtras } from './compose-session.ts';
import type { ComposeContext } from './compose-context.ts';

interface PullMessage {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** Pulls by the daemon, and builds by `build-image.ts`, which is loaded when something is to be built. */
export function imageSource(context: ComposeContext, client: ApiClient, { project, quietBuild = false }: ApplyExtras): ImageSource {
  return {
    build: async (service, image) => {
      const { buildImage } = await import('./build-image.ts');
      const config = project?.services.get(service);
      if (project === undefined || config?.build === undefined) throw new GantryError('internal', `service ${service} has nothing to build`);
      await buildImage(client, { project, service, config, image, write: quietBuild ? () => {} : context.cli.err });
    },
    pull: async (image, platform) => {
      const name = parseImageName(image);
      const query = { fromImage: fullRepository(name), tag: name.digest ?? name.tag ?? 'latest', platform: platform === '' ? undefined : platform };
      const headers = await registryHeader(context, image);
      for await (const message of readJsonLines<PullMessage>(client.stream('POST', '/images/create', { query, headers }))) {
        const failure = message.errorDetail?.message ?? message.error;
        if (failure !== undefined) throw new GantryError('unavailable', failure, { subject: `image ${image}`, hint: `check the name, or load it: gantry load` });
      }
    },
  };
}

/** The header with what `login` has kept for the image's registry. */
export async function registryHeader({ cli }: ComposeContext, image: string): Promise<Readonly<Record<string, string>>> {
  const { RegistryAuths, serverOf } = await import('#cli/credentials/registry-auth.ts');
  return new RegistryAuths(cli.options.configDirectory).header(serverOf(fullRepository(parseImageName(image))));
}
