import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { GantryError } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { stringFlag } from '../grammar/flag.ts';
import { sinkOf } from '../http/interactive.ts';
import { invalid } from '../status-error.ts';
import { reasonOf } from './_open-file.ts';
import { platformQuery } from './_platform.ts';

export const saveCommand: CommandSpec = {
  summary: 'Save images to a tar archive or standard output',
  operands: '[OPTIONS] IMAGE [IMAGE...]',
  aliases: ['image save', 'save'],
  flags: [
    stringFlag('output', 'o', 'File to write in place of standard output', { completes: 'file' }),
    stringFlag('platform', '', 'Save only this platform (os/arch/variant)'),
  ],
  arity: atLeast(1),
  run: async (context, args) => {
    const output = args.string('output');
    const { stdout } = context.io;
    if (output === '' && stdout.isTTY === true) throw invalid('cowardly refusing to save to a terminal. Use the -o flag or redirect');
    const client = await context.client();
    const query = { names: args.operands, platform: platformQuery(args.string('platform')) };
    const body = client.stream('GET', '/images/get', { query });
    if (output !== '') {
      await writeWhole(output, body);
      return 0;
    }
    const sink = sinkOf(stdout);
    for await (const bytes of body) await sink?.(bytes);
    return 0;
  },
};

/** Nobody sees half an archive: it gets its name when it is complete. */
async function writeWhole(path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  const draft = `${path}.${process.pid}.partial`;
  try {
    const file = createWriteStream(draft, { mode: 0o600 });
    for await (const bytes of body) {
      if (!file.write(bytes)) await new Promise((resolve) => file.once('drain', resolve));
    }
    file.end();
    await finished(file);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    if (cause instanceof GantryError) throw cause;
    throw new GantryError('invalid', `failed to save image: ${path}: ${reasonOf(cause)}`, { cause });
  }
}
