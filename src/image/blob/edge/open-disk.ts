import { DiskBlobs } from './disk-blobs.ts';
import { DiskUploads } from './disk-uploads.ts';

/** A directory of blobs, and of uploads that will be some. One process at a time. */
export async function openDisk(directory: string): Promise<{ readonly blobs: DiskBlobs; readonly uploads: DiskUploads }> {
  const blobs = await DiskBlobs.open(directory);
  return { blobs, uploads: await DiskUploads.open(`${directory}/uploads`, blobs) };
}
