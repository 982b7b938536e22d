import type { CliContext } from '../command-spec.ts';
import { RegistryAuths, serverOf } from '../credentials/registry-auth.ts';
import { readJsonLines } from '../http/json-lines.ts';
import { fullRepository, parseImageName } from '../image-name.ts';
import type { OutputStream } from '../io.ts';
import { ProgressDisplay, type ProgressMessage } from '../print/progress.ts';

const WIDE = 200;

/** Shows a stream of progress messages on one of our streams; `undefined` shows nothing but still fails on an error. */
export async function showProgress(body: AsyncIterable<Uint8Array>, stream: OutputStream | undefined): Promise<void> {
  const display = new ProgressDisplay({
    write: (text) => void stream?.write(text),
    isTerminal: stream?.isTTY === true,
    columns: stream?.columns ?? WIDE,
  });
  for await (const message of readJsonLines<ProgressMessage>(body)) display.show(message);
}

/** Pulls an image into the daemon, with its progress on stderr, for stdout belongs to the command. */
export async function pullImage(context: CliContext, image: string, platform: string, { quiet, all = false, stream = context.io.stderr }: { readonly quiet: boolean; readonly all?: boolean; readonly stream?: OutputStream }): Promise<void> {
  const name = parseImageName(image);
  const client = await context.client();
  const query = { fromImage: fullRepository(name), tag: all ? undefined : name.digest ?? name.tag ?? 'latest', platform: platform || undefined };
  const headers = await new RegistryAuths(context.options.configDirectory).header(serverOf(fullRepository(name)));
  await showProgress(client.stream('POST', '/images/create', { query, headers }), quiet ? undefined : stream);
}
