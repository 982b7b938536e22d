import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { GantryError, messageOf } from '#base/error.ts';
import type { CommandSpec } from '#cli/command-spec.ts';
import { exactly } from '#cli/grammar/arity.ts';
import { boolFlag } from '#cli/grammar/flag.ts';
import { verifyBackup } from './backup-file.ts';
import { syncDirectory, writeDurably } from './durable-file.ts';
import { STORE_FLAGS, storeOf } from './store-flags.ts';

export const clusterBackup: CommandSpec = {
  summary: 'Write all that a cluster knows to a file: objects, certificates and keys',
  operands: '[OPTIONS] FILE',
  arity: exactly(1),
  flags: [boolFlag('volumes', '', 'The files in volumes of claims, too, as they are while it is written')],
  run: async (context, args) => {
    const path = resolve(args.operands[0] ?? '');
    const part = `${path}.part-${process.pid}`;
    const client = await context.client();
    try {
      // Who can read it can do everything in the cluster.
      await writeDurably(part, client.stream('GET', '/cluster/backup', { query: { volumes: args.bool('volumes') ? '1' : '0' } })).catch((thrown: unknown) => { throw unwritable(path, thrown); });
      const { entries, revision, sha256 } = await verifyBackup(createReadStream(part));
      const { size } = await stat(part);
      await rename(part, path);
      await syncDirectory(dirname(path));
      context.out(`${entries} entries at revision ${revision} are in ${path} (${Math.ceil(size / 1000)} kB, sha256 ${sha256.slice(0, 16)}); keep it as you keep keys\n`);
      return 0;
    } finally {
      await rm(part, { force: true });
    }
  },
};

export const clusterRestore: CommandSpec = {
  summary: 'Take what a backup holds as what the next cluster knows',
  operands: '[OPTIONS] FILE',
  arity: exactly(1),
  flags: STORE_FLAGS,
  run: async (context, args) => {
    const path = resolve(args.operands[0] ?? '');
    await stat(path).catch((cause: unknown) => { throw new GantryError('not-found', `${path} can't be read: ${messageOf(cause)}`, { subject: path, cause }); });
    const { place, ca, cert, key } = storeOf(args);
    const client = await context.client();
    const restored = await client.json<{ readonly entries: number; readonly createdAt: string }>('POST', '/cluster/restore', {
      query: { store: place, storeca: ca, storecert: cert, storekey: key }, stream: createReadStream(path), headers: { 'Content-Type': 'application/gzip' },
    });
    context.out(`${restored.entries} entries of ${restored.createdAt} are restored; go on with: gantry cluster up\n`);
    return 0;
  },
};

/** Errors of the file system name the file; what the daemon said stays as it is. */
function unwritable(path: string, thrown: unknown): unknown {
  return thrown instanceof Error && 'syscall' in thrown && 'path' in thrown ? new GantryError('invalid', `${path} can't be written: ${thrown.message}`, { subject: path, cause: thrown }) : thrown;
}
