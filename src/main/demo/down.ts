import { readFile } from 'node:fs/promises';
import { DEFAULT_ROOT } from '#container/engine/layout.ts';
import type { CliContext } from '#cli/command-spec.ts';
import { defaultSocketPath } from '#cli/http/address.ts';
import { answers } from '../start-daemon.ts';
import { erase } from '../erase.ts';
import { DEMO } from './demo.ts';
import { DemoApi } from './demo-api.ts';

/** Takes the demo's container and images away, and where nothing else is left, the daemon and all of its traces. */
export async function takeDown(context: CliContext): Promise<number> {
  const tell = (line: string): void => context.err(`gantry: ${line}\n`);
  const run = defaultSocketPath.slice(0, defaultSocketPath.lastIndexOf('/'));
  if (!await answers(defaultSocketPath) && await readFile(`${DEFAULT_ROOT}/engine-id`).catch(() => undefined) === undefined) {
    tell('nothing is there to take down');
    return 0;
  }
  const client = await context.client();
  const api = new DemoApi(client);
  await api.remove(DEMO.container);
  for (const image of [DEMO.site, DEMO.server, DEMO.base]) await api.removeImage(image);
  tell('the demo\'s container and images are gone');
  const isDefault = client.address.kind === 'unix' && client.address.path === defaultSocketPath;
  if (!isDefault || !await api.isEmpty()) {
    tell('the daemon stays: it holds other things');
    return 0;
  }
  await erase({ root: DEFAULT_ROOT, run });
  tell('the daemon has ended; its files, bridge and firewall table are gone too');
  return 0;
}
