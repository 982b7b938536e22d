import { GantryError } from './error.ts';

/** Work that writes: what a full disk makes of a call of node:fs is told in words for people, as `exhausted`; anything else goes through. */
export async function tellingOfFullDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!isOfFullDisk(thrown)) throw thrown;
    throw new GantryError('exhausted', `could not ${what}: no space left on device`, { hint: 'Free some space, for example with docker image prune.', cause: thrown });
  }
}

/** Whether a call of node:fs failed since there is no room: on the disk, or for its user. */
export function isOfFullDisk(thrown: unknown): boolean {
  const { code } = thrown as { readonly code?: string };
  return code === 'ENOSPC' || code === 'EDQUOT';
}
