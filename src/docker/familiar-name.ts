/** `docker.io/library/nginx:latest` as people write it: `nginx:latest`. */
export function familiarName(reference: string): string {
  if (!reference.startsWith('docker.io/')) return reference;
  const name = reference.slice('docker.io/'.length);
  return name.startsWith('library/') ? name.slice('library/'.length) : name;
}

/** The repository of a name, without its tag and digest. */
export function repositoryOf(reference: string): string {
  const name = reference.replace(/@.*$/, '');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** `repo` and `tag` of a query as one reference; the tag may also be a digest. */
export function joinReference(repository: string, tag: string): string {
  if (tag === '') return repository;
  return `${repository}${tag.includes(':') ? '@' : ':'}${tag}`;
}
