import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { CommandSpec } from '../command-spec.ts';
import { atLeast } from '../grammar/arity.ts';
import { boolFlag, type FlagSpec } from '../grammar/flag.ts';
import { imagePath } from './_each.ts';
import { platformQuery } from './_platform.ts';

interface Removed {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

const platformFlag: FlagSpec = { name: 'platform', kind: 'strings', help: 'Remove only this platform (os/arch/variant)' };

export const rmiCommand: CommandSpec = {
  summary: 'Remove images',
  operands: '[OPTIONS] IMAGE [IMAGE...]',
  aliases: ['image rm', 'image remove', 'rmi'],
  flags: [boolFlag('force', 'f', 'Remove it though it is in use'), boolFlag('no-prune', '', 'Keep its untagged parents'), platformFlag],
  arity: atLeast(1),
  run: async (context, args) => {
    const client = await context.client();
    const platforms = args.list('platform').map((text) => platformQuery(text) ?? '');
    const query = { force: args.bool('force'), noprune: args.bool('no-prune'), platforms };
    const errors: unknown[] = [];
    for (const name of args.operands) {
      try {
        const removed = await client.json<readonly Removed[]>('DELETE', `/images/${imagePath(name)}`, { query });
        for (const { Deleted, Untagged } of removed) context.out(Deleted ? `Deleted: ${Deleted}\n` : `Untagged: ${Untagged ?? ''}\n`);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 0) return 0;
    const message = errors.map(messageOf).join('\n');
    // With --force an image that is not there is as removed as it can be.
    if (!args.bool('force') || errors.some((error) => !isKind(error, 'not-found'))) throw new GantryError('internal', message);
    context.err(`${message}\n`);
    return 0;
  },
};
