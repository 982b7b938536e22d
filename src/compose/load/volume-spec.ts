import { problem, type Path } from '../value/places.ts';
import { cleanPath } from '../value/posix-path.ts';
import type { Mapping, Value } from '../value/value.ts';

interface VolumeSpec {
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
  /** One or two characters name a target and nothing else. */
  readonly bare: boolean;
}

const PROPAGATIONS = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** `[SOURCE:]TARGET[:OPTIONS]`; colons of Windows drives and inside `${...}` separate nothing. */
export function parseVolumeSpec(spec: string, path: Path): VolumeSpec {
  if (spec === '') throw problem(path, 'invalid empty volume spec', 'write [SOURCE:]TARGET[:OPTIONS]');
  if (spec.length <= 2) return { source: '', target: spec, options: [], bare: true };
  const parts = split(spec);
  if (parts.some((part) => part === '')) throw problem(path, `invalid spec: ${spec}: empty section between colons`, 'write [SOURCE:]TARGET[:OPTIONS]; is a variable empty?');
  if (parts.length > 3) throw problem(path, `invalid spec: ${spec}: too many colons`, 'write it in the long form, with source and target');
  const [first = '', second, options] = parts;
  return { source: second === undefined ? '' : first, target: second ?? first, options: options?.split(',') ?? [], bare: false };
}

function split(spec: string): string[] {
  const parts = [''];
  let variables = 0;
  for (let index = 0; index < spec.length; index++) {
    const character = spec[index] as string;
    const part = parts.at(-1) as string;
    if (character === '$' && spec[index + 1] === '{') variables++;
    else if (character === '}' && variables > 0) variables--;
    const drive = part.length === 1 && /\p{L}/u.test(part);
    if (character === ':' && variables === 0 && !drive) parts.push('');
    else parts[parts.length - 1] = part + character;
  }
  return parts;
}

/** The long form of a short volume. */
export function expandVolumeSpec(spec: string, path: Path): Mapping {
  const { source, target, options, bare } = parseVolumeSpec(spec, path);
  const volume: Mapping = new Map<string, Value>([['type', isFilePath(source) ? 'bind' : 'volume']]);
  if (source !== '') volume.set('source', source);
  volume.set('target', cleanPath(target));
  if (bare) return volume;
  const bind: Mapping = new Map();
  const named: Mapping = new Map();
  for (const option of options) {
    if (option === 'ro') volume.set('read_only', true);
    else if (option === 'rw') volume.delete('read_only');
    else if (option === 'nocopy') named.set('nocopy', true);
    else if (PROPAGATIONS.includes(option)) bind.set('propagation', option);
    else if (option === 'z' || option === 'Z') bind.set('selinux', option);
  }
  if (isFilePath(source)) volume.set('bind', bind.set('create_host_path', true));
  else if (bind.size > 0) volume.set('bind', bind);
  if (!isFilePath(source) || named.size > 0) volume.set('volume', named);
  return volume;
}

/** A source that starts like a path is one; anything else names a volume. */
function isFilePath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
}
