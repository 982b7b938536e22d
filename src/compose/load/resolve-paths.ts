import { PathTable } from '../value/match.ts';
import { problem, type Path } from '../value/places.ts';
import { expandHome, resolvePath } from '../value/posix-path.ts';
import { isMapping, type Mapping, type Value } from '../value/value.ts';

export interface PathBase {
  readonly directory: string;
  readonly home: string | undefined;
  readonly followLink: (path: string) => string;
}

/** The model with relative paths made absolute below the base. */
export function resolvePaths(model: Mapping, base: PathBase): Mapping {
  return inMapping(model, [], base);
}

type Resolve = (value: Value, path: Path, base: PathBase) => Value;

function inMapping(mapping: Mapping, path: Path, base: PathBase): Mapping {
  return new Map([...mapping].map(([key, value]) => [key, inValue(value, [...path, key], base)]));
}

function inValue(value: Value, path: Path, base: PathBase): Value {
  const resolve = resolvers.find(path);
  if (resolve !== undefined) return resolve(value, path, base);
  if (isMapping(value)) return inMapping(value, path, base);
  return Array.isArray(value) ? value.map((item, index) => inValue(item, [...path, String(index)], base)) : value;
}

const local: Resolve = (value, _path, { directory, home }) => {
  if (typeof value !== 'string' || value === '') return value;
  return resolvePath(directory, expandHome(value, home));
};

/** A drive letter means a client on Windows: the path is left as it is. */
const localOrWindows: Resolve = (value, path, base) => (typeof value === 'string' && /^(?:[a-zA-Z]:[\\/]|\\\\)/.test(value) ? value : local(value, path, base));

const REMOTE = ['https://', 'http://', 'git://', 'ssh://', 'github.com/', 'git@'];

export function isRemote(path: string): boolean {
  return REMOTE.some((prefix) => path.startsWith(prefix));
}

const context: Resolve = (value, path, base) => {
  if (typeof value === 'string' && (value.includes('://') || value.startsWith('service:') || isRemote(value))) return value;
  return local(value, path, base);
};

const linked: Resolve = (value, path, base) => {
  const resolved = local(value, path, base);
  return typeof resolved === 'string' && resolved.startsWith('/') ? base.followLink(resolved) : resolved;
};

const bindSource: Resolve = (value, path, base) => {
  if (!isMapping(value) || value.get('type') !== 'bind') return value;
  const source = value.get('source');
  if (source === undefined) throw problem(path, 'invalid mount config for type "bind": field Source must not be empty', 'add source: the path on this machine');
  return new Map(value).set('source', localOrWindows(source, path, base));
};

/** A local volume with `o: bind` is a bind mount under another name. */
const volumeDevice: Resolve = (value, path, base) => {
  const options = isMapping(value) && value.get('driver') === 'local' ? value.get('driver_opts') : undefined;
  if (!isMapping(value) || !isMapping(options) || options.get('o') !== 'bind') return value;
  const device = options.get('device');
  return device === undefined ? value : new Map(value).set('driver_opts', new Map(options).set('device', localOrWindows(device, path, base)));
};

const resolvers = new PathTable<Resolve>({
  'services.*.build.context': context,
  'services.*.build.additional_contexts.*': context,
  'services.*.build.ssh.*': localOrWindows,
  'services.*.env_file.*.path': local,
  'services.*.label_file.*': local,
  'services.*.extends.file': local,
  'services.*.develop.watch.*.path': linked,
  'services.*.volumes.*': bindSource,
  'configs.*.file': localOrWindows,
  'secrets.*.file': localOrWindows,
  'volumes.*': volumeDevice,
});
