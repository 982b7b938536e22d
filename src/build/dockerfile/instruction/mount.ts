import { DockerfileError } from '../dockerfile-error.ts';
import { quote } from '../_quote.ts';
import { suggest } from '../suggest.ts';
import { parseGoBoolean } from './_boolean.ts';
import { csvFields } from './_csv.ts';

export type MountType = 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
export type CacheSharing = 'shared' | 'private' | 'locked';

/** `RUN --mount`. Names of options as in the Dockerfile reference. */
export interface Mount {
  readonly type: MountType;
  /** A stage, image or context; undefined: the build context for a bind, an empty directory for a cache. */
  readonly from: string | undefined;
  /** Path below `from`; of a secret, its id. */
  readonly source: string;
  /** May be relative to the working directory, and empty for secret and ssh. */
  readonly target: string;
  readonly isReadOnly: boolean;
  /** Of a tmpfs, bytes; 0: no limit. */
  readonly sizeLimit: number;
  /** `id` of a cache, secret or ssh agent; empty where it was not given. */
  readonly id: string;
  readonly sharing: CacheSharing | undefined;
  readonly isRequired: boolean;
  /** Of a secret: the variable that has it; empty means the id is the name. */
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

const TYPES: readonly MountType[] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'];
const SHARINGS: readonly CacheSharing[] = ['shared', 'private', 'locked'];
const KEYS = [
  'type', 'from', 'source', 'target', 'readonly', 'id', 'sharing', 'required', 'size', 'mode', 'uid', 'gid', 'src', 'dst', 'destination', 'ro', 'rw',
  'readwrite', 'env',
];

/** The stage that a mount reads from. It orders the stages, so it is read before variables have values. */
export function mountSource(text: string): string | undefined {
  let from: string | undefined;
  for (const { key, value } of fieldsOf(text)) {
    if (key !== 'from' || value === undefined) continue;
    const dollar = value.indexOf('$');
    if (dollar >= 0 && dollar !== value.length - 1) throw new DockerfileError("'from' doesn't support variable expansion, define alias stage instead", { token: value });
    from = value;
  }
  return from === '' ? undefined : from;
}

/** The value of --mount; each value of an option goes through `expandWord`. */
export function parseMount(text: string, expandWord: (word: string) => string): Mount {
  const draft: Draft = { ...EMPTY };
  let isReadOnly: boolean | undefined;
  for (const { field, key, value: written } of fieldsOf(text)) {
    const value = written === undefined ? undefined : expandWord(written);
    if (key === 'readonly' || key === 'ro') isReadOnly = value === undefined || parseGoBoolean(key, value);
    else if (key === 'readwrite' || key === 'rw') isReadOnly = !(value === undefined || parseGoBoolean(key, value));
    else if (key === 'required') draft.isRequired = parseRequired(draft.type, value);
    else if (value === undefined) throw new DockerfileError(`invalid field '${key}' must be a key=value pair`, { token: field });
    else setField(draft, key, value, field);
  }
  checkTogether(draft);
  return { ...draft, isReadOnly: isReadOnly ?? (draft.type !== 'cache' && draft.type !== 'tmpfs') };
}

type Draft = { -readonly [Key in keyof Mount]: Mount[Key] };

const EMPTY: Mount = {
  type: 'bind', from: undefined, source: '', target: '', isReadOnly: false, sizeLimit: 0, id: '', sharing: undefined, isRequired: false,
  env: undefined, mode: undefined, uid: undefined, gid: undefined,
};

function fieldsOf(text: string): { field: string; key: string; value: string | undefined }[] {
  return csvFields(text, 'mounts').map((field) => {
    const sign = field.indexOf('=');
    return { field, key: (sign < 0 ? field : field.slice(0, sign)).toLowerCase(), value: sign < 0 ? undefined : field.slice(sign + 1) };
  });
}

function setField(draft: Draft, key: string, value: string, field: string): void {
  switch (key) {
    case 'type': draft.type = oneOf(TYPES, value, 'unsupported mount type'); break;
    case 'from': draft.from = value === '' ? undefined : value; break;
    case 'source': case 'src': draft.source = value; break;
    case 'target': case 'dst': case 'destination': draft.target = value; break;
    case 'size':
      if (draft.type !== 'tmpfs') throw unexpected(key, draft.type);
      draft.sizeLimit = parseSize(key, value);
      break;
    case 'id': draft.id = value; break;
    case 'sharing': draft.sharing = oneOf(SHARINGS, value, 'unsupported sharing value'); break;
    case 'mode': draft.mode = parseNumber(key, value, 8); break;
    case 'uid': draft.uid = parseNumber(key, value, 10); break;
    case 'gid': draft.gid = parseNumber(key, value, 10); break;
    case 'env': draft.env = value; break;
    default: throw new DockerfileError(`unexpected key '${key}' in '${field}'`, { token: field, suggestion: suggest(key, KEYS) });
  }
}

function parseRequired(type: MountType, value: string | undefined): boolean {
  if (type !== 'secret' && type !== 'ssh') throw unexpected('required', type);
  return value === undefined || parseGoBoolean('required', value);
}

function unexpected(key: string, type: MountType): DockerfileError {
  return new DockerfileError(`unexpected key '${key}' for mount type '${type}'`, { token: key });
}

function oneOf<T extends string>(known: readonly T[], value: string, message: string): T {
  const found = known.find((one) => one === value.toLowerCase());
  if (found === undefined) throw new DockerfileError(`${message} ${quote(value)}`, { token: value, suggestion: suggest(value, known) });
  return found;
}

function parseNumber(key: string, value: string, radix: 8 | 10): number {
  const number = (radix === 8 ? /^[0-7]+$/ : /^[0-9]+$/).test(value) ? Number.parseInt(value, radix) : Number.NaN;
  if (!(number < 2 ** 32)) throw new DockerfileError(`invalid value ${value} for ${key}`, { token: value });
  return number;
}

const SIZE_UNITS = ['', 'k', 'm', 'g', 't', 'p'];

/** `100m`, `1.5GiB`: powers of 1024 (docker/go-units). */
function parseSize(key: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])?(?:ib?|b)?)$/i.exec(value);
  if (match === null) throw new DockerfileError(`invalid value for ${key}: ${value}`, { token: value });
  return Math.trunc(Number(match[1]) * 1024 ** SIZE_UNITS.indexOf((match[2] ?? '').toLowerCase()));
}

function checkTogether(mount: Mount): void {
  if (mount.type === 'bind' || mount.type === 'tmpfs') {
    for (const key of ['mode', 'uid', 'gid'] as const) {
      if (mount[key] !== undefined) throw new DockerfileError(`${key} not allowed for ${quote(mount.type)} type mounts`, { token: key });
    }
  }
  if (mount.type === 'secret') {
    if (mount.from !== undefined) throw new DockerfileError('secret mount should not have a from', { token: 'from' });
    if (mount.sharing !== undefined) throw new DockerfileError('secret mount should not define sharing', { token: 'sharing' });
    if (mount.source === '' && mount.target === '' && mount.id === '') throw new DockerfileError('invalid secret mount. one of source, target required');
    if (mount.source !== '' && mount.id !== '') throw new DockerfileError("both source and id can't be set", { token: 'source' });
  }
  if (mount.sharing !== undefined && mount.type !== 'cache') throw new DockerfileError(`invalid cache sharing set for ${mount.type} mount`, { token: 'sharing' });
}
