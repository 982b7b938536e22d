import type { CliContext } from '../command-spec.ts';
import { stringFlag } from '../grammar/flag.ts';
import type { ApiClient } from '../http/api-client.ts';
import { sinkOf } from '../http/interactive.ts';
import { invalid } from '../status-error.ts';
import { writeWhole } from './_write-whole.ts';

export const outputFlag = stringFlag('output', 'o', 'File to write in place of standard output', { completes: 'file' });

/** Writes the archive that `ask` gets to the file `output`, or, when that is empty, to standard output unless it is a terminal. */
export async function writeArchive(context: CliContext, output: string, what: string, ask: (client: ApiClient) => AsyncIterable<Uint8Array>): Promise<number> {
  const { stdout } = context.io;
  if (output === '' && stdout.isTTY === true) throw invalid('cowardly refusing to save to a terminal. Use the -o flag or redirect');
  const body = ask(await context.client());
  if (output !== '') {
    await writeWhole(output, body, what);
    return 0;
  }
  const sink = sinkOf(stdout);
  for await (const bytes of body) await sink?.(bytes);
  return 0;
}
