import type { RegistryContent } from './content.ts';

/** The same without its writing half: pushes and deletions are refused with `UNSUPPORTED`. */
export function readOnly(content: RegistryContent): RegistryContent {
  return {
    manifest: (repository, reference) => content.manifest(repository, reference),
    blobSize: (repository, digest) => content.blobSize(repository, digest),
    blob: (repository, digest, range) => content.blob(repository, digest, range),
    hasRepository: (repository) => content.hasRepository(repository),
    tags: (repository, page) => content.tags(repository, page),
    repositories: (page) => content.repositories(page),
    referrers: (repository, subject) => content.referrers(repository, subject),
  };
}
