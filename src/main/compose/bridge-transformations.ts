import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import { between, exactly } from '#cli/grammar/arity.ts';
import { boolFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ComposeCommand } from './compose-command.ts';
import { dockerCommand } from './delegate.ts';

/** What an image says of itself that converts projects. */
const LABEL = 'com.docker.compose.bridge=transformation';

export const listTransformations: ComposeCommand = {
  summary: 'List images that convert projects',
  operands: '[OPTIONS]',
  flags: [stringFlag('format', '', 'table or json', { fallback: 'table', completes: ['table', 'json'] }), boolFlag('quiet', 'q', 'Print names only')],
  arity: exactly(0),
  run: async (context, args) => {
    const format = args.string('format');
    if (format !== 'table' && format !== 'json') throw new GantryError('invalid', `unsupported format ${JSON.stringify(format)}`, { hint: 'table and json are known' });
    const shown = args.bool('quiet') ? ['--format={{.Repository}}:{{.Tag}}'] : format === 'json' ? ['--format=json'] : [];
    return dockerCommand(context, 'images', [`--filter=label=${LABEL}`, ...shown]);
  },
};

export const createTransformation: ComposeCommand = {
  summary: 'Make the sources of an image that converts projects, from those of another',
  operands: '[OPTIONS] PATH',
  flags: [stringFlag('from', 'f', 'Image to take the templates of')],
  arity: between(0, 1),
  run: async (context, args) => {
    const [path = ''] = args.operands;
    const from = args.string('from');
    if (path === '') throw new GantryError('invalid', 'a directory for the sources is missing', { hint: 'gantry compose bridge transformations create --from IMAGE PATH' });
    // Gantry itself needs no image for its own conversion, so there is none to start from.
    if (from === '') throw new GantryError('invalid', 'an image to start from is missing', { hint: 'name it with --from; gantry compose bridge transformations list shows those that are here' });
    if (existsSync(path)) throw new GantryError('conflict', `output folder ${path} already exists`, { hint: 'name one that is not there' });
    if (context.dryRun) return 0;
    const client = await context.cli.client();
    const { Id } = await client.json<{ readonly Id: string }>('POST', '/containers/create', { json: { Image: from, Cmd: ['none'] } });
    try {
      mkdirSync(path, { recursive: true });
      const code = await dockerCommand(context, 'cp', [`${Id}:/templates`, path]);
      if (code !== 0) return code;
      writeFileSync(join(path, 'Dockerfile'), `FROM ${from}\nLABEL ${LABEL}\nCOPY templates /templates\n`);
      context.cli.out(`Transformer created in ${JSON.stringify(path)}\n`);
      return 0;
    } finally {
      await client.text('DELETE', `/containers/${Id}`, { query: { force: true } });
    }
  },
};
