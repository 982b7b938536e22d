import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandSpec } from '#cli/command-spec.ts';
import { exactly } from '#cli/grammar/arity.ts';
import { boolFlag, stringFlag } from '#cli/grammar/flag.ts';
import { GantryError } from '#base/error.ts';
import { bootstrapImage, readHostSources } from './bootstrap.ts';
import { parseDistribution } from './distribution.ts';

export const bootstrapCommand: CommandSpec = {
  summary: 'Make a base image from the packages of a distribution',
  description: 'Makes a base image with mmdebstrap from the packages of Debian or Ubuntu: no registry is needed.\n\nExample: gantry image bootstrap debian:12',
  operands: '[OPTIONS] DISTRIBUTION:RELEASE',
  arity: exactly(1),
  flags: [
    { name: 'include', kind: 'strings', help: 'Further packages', value: 'package' },
    stringFlag('tag', 't', 'Name of the image (default: DISTRIBUTION:RELEASE)'),
    stringFlag('variant', '', 'Set of packages, as mmdebstrap names it', { fallback: 'minbase', completes: ['extract', 'custom', 'essential', 'apt', 'minbase', 'buildd', 'important', 'standard'] }),
    stringFlag('mirror', '', 'Archive to take the packages from, in place of the distribution\'s', { value: 'URL' }),
    stringFlag('keyring', '', 'File of keys that the archive is signed by, readable by everybody (default: those that apt of this machine trusts)', { completes: 'file' }),
    boolFlag('quiet', 'q', 'Print the id only'),
  ],
  run: async (context, args) => {
    const distribution = parseDistribution(args.operand(0));
    const tag = args.string('tag');
    const tell = args.bool('quiet') ? () => {} : (line: string): void => context.err(`${line}\n`);
    const mirror = args.string('mirror');
    if (mirror !== '' && !/^(?:https?|file|copy):\/{2,3}[^\s]+$/.test(mirror)) throw new GantryError('invalid', `${JSON.stringify(mirror)} is no archive of packages`, { hint: 'give the URL that stands in sources.list' });
    const keyring = args.string('keyring');
    if (keyring !== '' && !existsSync(keyring)) throw new GantryError('invalid', `there is no keyring ${keyring}`);
    const id = await bootstrapImage(await context.client(), {
      distribution, variant: args.string('variant'), include: args.list('include'), hostSources: await readHostSources(), ...(mirror === '' ? {} : { mirror }),
      ...(keyring === '' ? {} : { keyring: resolve(keyring) }),
    }, tag === '' ? distribution.reference : tag, tell);
    context.out(`${id}\n`);
    return 0;
  },
};
