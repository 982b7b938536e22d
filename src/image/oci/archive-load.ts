import { Archive } from './_archive.ts';
import { readDockerArchive } from './_docker-archive.ts';
import { readOciLayout } from './_oci-layout.ts';
import type { LoadInput, LoadPlan } from './load-plan.ts';

/**
 * What `docker load` makes of an archive: the format of `docker save` (`manifest.json`), else an OCI image layout
 * (`index.json`). Nothing is unpacked, so names are only looked up in the list of members; still, names that lead out
 * (S-206), links that lead to no file, and missing members are refused (`invalid`), because such an archive is broken or
 * hostile.
 */
export function planLoad(input: LoadInput): LoadPlan {
  const archive = new Archive(input);
  const images = archive.find('manifest.json') !== undefined ? readDockerArchive(archive) : readOciLayout(archive);
  return archive.missing.length > 0 ? { kind: 'needs', documents: archive.missing } : { kind: 'plan', images };
}
