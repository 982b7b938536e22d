import { GantryError } from './error.ts';

/** Work that writes: what a full disk makes of a call of node:fs is told in words for people, as `exhausted`; anything else goes through. */
export async function tellingOfFullDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const { code } = thrown as { readonly code?: string };
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw thrown;
    throw new GantryError('exhausted', `could not ${what}: no space left on device`, { hint: 'Free some space, for example with docker image prune.', cause: thrown });
  }
}
