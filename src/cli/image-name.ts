/** An image's name taken apart as people write it: without `docker.io/` and `library/`. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function parseImageName(text: string): ImageName {
  const [named = '', digest] = text.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const repository = hasTag ? named.slice(0, colon) : named;
  return { repository: familiar(repository), tag: hasTag ? named.slice(colon + 1) : undefined, digest };
}

/** `nginx` becomes `nginx:latest`; a name with a tag or a digest stays. */
export function withDefaultTag(text: string): string {
  const { repository, tag, digest } = parseImageName(text);
  if (digest !== undefined) return `${repository}${tag === undefined ? '' : `:${tag}`}@${digest}`;
  return `${repository}:${tag ?? 'latest'}`;
}

/** The repository as the registries know it: `nginx` is `docker.io/library/nginx`. */
export function fullRepository({ repository }: ImageName): string {
  const [first = '', ...rest] = repository.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (isRegistry) return repository;
  return `docker.io/${rest.length === 0 ? 'library/' : ''}${repository}`;
}

function familiar(repository: string): string {
  const [registry, ...path] = repository.split('/');
  if (registry !== 'docker.io' && registry !== 'index.docker.io') return repository.replace(/^library\/(?=[^/]+$)/, '');
  return path[0] === 'library' && path.length === 2 ? (path[1] ?? '') : path.join('/');
}
