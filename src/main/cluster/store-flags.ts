import { resolve } from 'node:path';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { stringFlag } from '#cli/grammar/flag.ts';

/** Of commands that may name a store. */
export const STORE_FLAGS = [
  stringFlag('store', '', 'Where the cluster keeps what it knows: file, or etcd://HOST:PORT', { value: 'place', shownDefault: 'the one that it has, or file' }),
  stringFlag('store-ca', '', "Certificate of the etcd's authority; a file on the daemon's machine, as the next two", { completes: 'file' }),
  stringFlag('store-cert', '', 'Certificate to show to the etcd', { completes: 'file' }),
  stringFlag('store-key', '', 'Its key', { completes: 'file' }),
] as const;

/** By the names of the API: place, CA, Cert and Key; files are named from the root. */
export function storeOf(args: ParsedArgs): { readonly place: string; readonly ca: string; readonly cert: string; readonly key: string } {
  const file = (name: string): string => args.string(name) === '' ? '' : resolve(args.string(name));
  return { place: args.string('store'), ca: file('store-ca'), cert: file('store-cert'), key: file('store-key') };
}
