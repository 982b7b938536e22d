import { Fault } from './fault.ts';

/** What a path means. `reference` and `digest` are as they came, unchecked. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string };

/** Distribution spec, "Pulling manifests": `<name>`. */
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const NAME = new RegExp(`^${PART}(?:/${PART})*$`);
const MAX_NAME = 255;
const MAX_PATH = 4096;

const KINDS: readonly [suffix: RegExp, make: (repository: string, rest: string) => Route][] = [
  [/^(.+)\/tags\/list$/, (repository) => ({ kind: 'tags', repository })],
  [/^(.+)\/blobs\/uploads\/?$/, (repository) => ({ kind: 'uploads', repository })],
  [/^(.+)\/blobs\/uploads\/([^/]+)$/, (repository, id) => ({ kind: 'upload', repository, id })],
  [/^(.+)\/blobs\/([^/]*)$/, (repository, digest) => ({ kind: 'blob', repository, digest })],
  [/^(.+)\/manifests\/([^/]*)$/, (repository, reference) => ({ kind: 'manifest', repository, reference })],
  [/^(.+)\/referrers\/([^/]*)$/, (repository, digest) => ({ kind: 'referrers', repository, digest })],
];

/** Undefined for what is no path of this protocol. Throws `NAME_INVALID`. */
export function parseRoute(path: string): Route | undefined {
  if (path === '/v2' || path === '/v2/') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  if (!path.startsWith('/v2/') || path.length > MAX_PATH) return undefined;
  let rest: string;
  try {
    rest = decodeURIComponent(path.slice('/v2/'.length));
  } catch {
    throw new Fault('NAME_INVALID', 'the path is not well encoded');
  }
  for (const [pattern, make] of KINDS) {
    const found = pattern.exec(rest);
    if (found === null) continue;
    const [, repository = '', detail = ''] = found;
    return make(checkName(repository), detail);
  }
  return undefined;
}

export function checkName(name: string): string {
  if (name.length <= MAX_NAME && NAME.test(name)) return name;
  throw new Fault('NAME_INVALID', `invalid repository name: ${JSON.stringify(name.slice(0, MAX_NAME))}`);
}
