import { statfs } from 'node:fs/promises';
import type { DiskUse } from '#image/blob/eviction.ts';

/** Of the file system that has the path. */
export async function diskUse(path: string): Promise<DiskUse> {
  const { blocks, bavail, bfree, bsize } = await statfs(path);
  // What is kept back for root is neither used nor to be had.
  return { total: (blocks - bfree + bavail) * bsize, free: bavail * bsize };
}
