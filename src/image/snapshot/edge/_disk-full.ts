import { GantryError } from '#base/error.ts';

/** What a full disk makes of a call of node:fs, in words for people; anything else goes through. */
export async function tellingOfFullDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw thrown;
    throw new GantryError('exhausted', `could not ${what}: no space left on device`, { hint: 'Free some space, for example with docker image prune.', cause: thrown });
  }
}
