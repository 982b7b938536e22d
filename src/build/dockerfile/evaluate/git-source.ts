import { DockerfileError } from '../dockerfile-error.ts';
import { goBoolean } from '../instruction/_boolean.ts';
import { quote } from '../_quote.ts';
import { cleanAbsolute } from './path.ts';

/** A git repository named by ADD or as a build context. */
export interface GitSource {
  /** What git is given: without fragment and query. */
  readonly remote: string;
  /** Branch, tag or commit; empty: the remote's own. */
  readonly ref: string;
  /** Without a slash in front; empty: all of it. */
  readonly subdirectory: string;
  readonly checksum: string | undefined;
  readonly keepsGitDirectory: boolean | undefined;
  readonly submodules: boolean | undefined;
  /** `github.com/owner/name`, which may be a path as well: only a build context means it so. */
  readonly isAmbiguous: boolean;
}

const SCHEME = /^([a-zA-Z0-9]+):\/\//;
const SCHEMES = ['http', 'https', 'ssh', 'git'];
// user@host:path#fragment, as git(1) has it.
const SCP = /^([a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:[^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;

/**
 * Undefined for what is no git repository. Over HTTP one is, when its path ends in `.git`.
 * @throws DockerfileError for a query that makes no sense
 */
export function parseGitSource(text: string): GitSource | undefined {
  if (text.startsWith('./') || text.startsWith('../')) return undefined;
  if (text.startsWith('github.com/')) return withOptions(splitUrl(text), true);
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined) {
    if (!SCHEMES.includes(scheme)) return undefined;
    const url = splitUrl(text);
    const path = url.base.slice(scheme.length + 3).replace(/^[^/]*/, '');
    return scheme.startsWith('http') && !path.endsWith('.git') ? undefined : withOptions(url, false);
  }
  const match = SCP.exec(text);
  return match === null ? undefined : withOptions({ base: match[1] as string, query: match[2] ?? '', fragment: match[3] ?? '' }, false);
}

interface SplitUrl {
  readonly base: string;
  readonly query: string;
  readonly fragment: string;
}

function splitUrl(text: string): SplitUrl {
  const hash = text.indexOf('#');
  const beforeHash = hash < 0 ? text : text.slice(0, hash);
  const mark = beforeHash.indexOf('?');
  return { base: mark < 0 ? beforeHash : beforeHash.slice(0, mark), query: mark < 0 ? '' : beforeHash.slice(mark + 1), fragment: hash < 0 ? '' : text.slice(hash + 1) };
}

type Draft = { -readonly [Key in keyof GitSource]: GitSource[Key] };

function withOptions({ base, query, fragment }: SplitUrl, isAmbiguous: boolean): GitSource {
  const decoded = decode(fragment);
  const colon = decoded.indexOf(':');
  const source: Draft = {
    remote: base, isAmbiguous, ref: colon < 0 ? decoded : decoded.slice(0, colon), subdirectory: cleanAbsolute(colon < 0 ? '' : decoded.slice(colon + 1)).slice(1),
    checksum: undefined, keepsGitDirectory: undefined, submodules: undefined,
  };
  const given = queryValues(query);
  for (const [key, value] of given) setOption(source, key, value);
  const tag = given.get('tag');
  const branch = given.get('branch');
  if (tag !== undefined) setRef(source, tag.startsWith('refs/tags/') ? tag : `refs/tags/${tag}`);
  if (branch !== undefined && tag !== undefined) throw new DockerfileError('branch conflicts with tag', { token: branch });
  if (branch !== undefined) setRef(source, branch.startsWith('refs/heads/') ? branch : `refs/heads/${branch}`);
  return source;
}

function queryValues(query: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const part of query.split('&').filter((one) => one !== '')) {
    const sign = part.indexOf('=');
    const key = decode(sign < 0 ? part : part.slice(0, sign));
    const value = sign < 0 ? '' : decode(part.slice(sign + 1));
    if (values.has(key)) throw new DockerfileError(`query ${quote(key)} has multiple values`, { token: key });
    if (value === '' && key !== 'submodules' && key !== 'keep-git-dir') throw new DockerfileError(`query ${quote(key)} has no value`, { token: key });
    values.set(key, value);
  }
  return values;
}

function setOption(source: Draft, key: string, value: string): void {
  switch (key) {
    case 'ref': setRef(source, value); break;
    case 'tag': case 'branch': break;
    case 'subdir':
      if (source.subdirectory !== '' && source.subdirectory !== value) throw new DockerfileError(`subdir conflicts: ${quote(source.subdirectory)} vs ${quote(value)}`, { token: value });
      source.subdirectory = cleanAbsolute(value).slice(1);
      break;
    case 'checksum': case 'commit': source.checksum = value; break;
    case 'keep-git-dir': source.keepsGitDirectory = parseFlag(key, value); break;
    case 'submodules': source.submodules = parseFlag(key, value); break;
    default: throw new DockerfileError(`unexpected query ${quote(key)}`, { token: key });
  }
}

function setRef(source: Draft, ref: string): void {
  if (source.ref !== '' && source.ref !== ref) throw new DockerfileError(`ref conflicts: ${quote(source.ref)} vs ${quote(ref)}`, { token: ref });
  source.ref = ref;
}

function parseFlag(key: string, value: string): boolean {
  const flag = value === '' ? true : goBoolean(value);
  if (flag === undefined) throw new DockerfileError(`invalid ${key} value: ${quote(value)}`, { token: value });
  return flag;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
