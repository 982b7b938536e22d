import { goText } from '../value/go-text.ts';
import { PathTable } from '../value/match.ts';
import { problem, type Path } from '../value/places.ts';
import { isMapping, typeName, type Mapping, type Value } from '../value/value.ts';
import { expandPortSpec } from './port-spec.ts';
import { expandVolumeSpec } from './volume-spec.ts';

export interface CanonicalOptions {
  /** Texts that hold variables still can't be taken apart: they stay as they are. */
  readonly keepUnreadable: boolean;
  readonly warn: (message: string) => void;
}

type Expand = (value: Value, path: Path, options: CanonicalOptions) => Value;

/** The model with every short form made long. */
export function canonical(model: Mapping, options: CanonicalOptions): Mapping {
  return inMapping(model, [], options);
}

function inMapping(mapping: Mapping, path: Path, options: CanonicalOptions): Mapping {
  return new Map([...mapping].map(([key, value]) => [key, inValue(value, [...path, key], options)]));
}

function inValue(value: Value, path: Path, options: CanonicalOptions): Value {
  const expand = expansions.find(path);
  return expand === undefined ? below(value, path, options) : expand(value, path, options);
}

function below(value: Value, path: Path, options: CanonicalOptions): Value {
  if (isMapping(value)) return inMapping(value, path, options);
  return Array.isArray(value) ? value.map((item, index) => inValue(item, [...path, String(index)], options)) : value;
}

/** Reads a short form; while variables are not replaced, what can't be read is kept. */
function readable(value: Value, options: CanonicalOptions, read: () => Value): Value {
  if (!options.keepUnreadable) return read();
  try {
    return read();
  } catch {
    return value;
  }
}

const textAsList: Expand = (value) => (typeof value === 'string' ? [value] : value);

const anyAsText: Expand = (value) => (typeof value === 'string' ? value : goText(value));

const keyed = (key: string): Expand => (value, path, options) => (typeof value === 'string' ? new Map([[key, value]]) : below(value, path, options));

const nullSet: Expand = (value) => (Array.isArray(value) ? new Map(value.map((name) => [goText(name), null])) : value);

const dependsOn: Expand = (value, path) => {
  const entries: [string, Value][] = Array.isArray(value) ? value.map((name) => [goText(name), new Map()]) : isMapping(value) ? [...value] : [];
  return new Map(entries.map(([name, given]) => {
    if (!isMapping(given)) throw problem([...path, name], `must be a mapping, not ${typeName(given)}`, 'write condition: service_started');
    return [name, new Map<string, Value>([['condition', 'service_started'], ['required', true], ...given])];
  }));
};

const envFile: Expand = (value) => {
  const entries = Array.isArray(value) ? value : [value];
  return entries.map((entry) => isMapping(entry)
    ? new Map<string, Value>([['required', true], ...entry])
    : new Map<string, Value>([['path', entry], ['required', true]]));
};

const additionalContexts: Expand = (value, path, options) => {
  if (!Array.isArray(value)) return value;
  const entries = value.map((item) => goText(item));
  const bad = entries.find((entry) => !entry.includes('='));
  if (bad !== undefined && options.keepUnreadable) return value;
  if (bad !== undefined) throw problem(path, `invalid value ${bad}, expected key=value`);
  return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
};

const ssh: Expand = (value, path) => {
  if (!Array.isArray(value)) return value;
  return new Map<string, Value>(value.map((item) => {
    const [id = '', key] = goText(item).split(/=(.*)/s);
    if (key === undefined && id !== 'default') throw problem(path, `invalid ssh key ${JSON.stringify(id)}`, 'write default, or ID=PATH');
    return [id, key ?? null];
  }));
};

const device: Expand = (value, path, options) => {
  if (typeof value !== 'string') return value;
  const [source = '', target = '', permissions = 'rwm', ...more] = value.split(':');
  if (more.length > 0 && !options.keepUnreadable) throw problem(path, `confusing device mapping, please use long syntax: ${value}`, 'write source, target and permissions');
  return new Map([['source', source], ['target', target === '' ? source : target], ['permissions', permissions]]);
};

const ports: Expand = (value, path, options) => {
  if (!Array.isArray(value)) return value;
  const read = (): Value[] => value.flatMap((entry, index): Value[] => (isMapping(entry) ? [entry] : expandPortSpec(goText(entry), [...path, String(index)])));
  return readable(value, options, read);
};

const volume: Expand = (value, path, options) => (typeof value === 'string' ? readable(value, options, () => expandVolumeSpec(value, path)) : value);

const gpus: Expand = (value, path, options) => (typeof value === 'string' ? [new Map([['count', 'all']])] : below(value, path, options));

/** `external: {name: x}` is the old way to write `external: true` and `name: x`. */
const maybeExternal: Expand = (value, path, options) => {
  if (!isMapping(value)) return value;
  const resource = inMapping(value, path, options);
  const external = resource.get('external');
  if (!isMapping(external)) return resource;
  resource.set('external', true);
  const name = external.get('name');
  if (name === undefined) return resource;
  options.warn(`${path.join('.')}: external.name is deprecated. Please set name and external: true`);
  if (resource.has('name') && resource.get('name') !== name) throw problem(path, 'name and external.name conflict; only use name', 'remove external.name and write external: true');
  return resource.set('name', name);
};

const expansions = new PathTable<Expand>({
  'services.*': below,
  'services.*.build.secrets.*': keyed('source'),
  'services.*.build.provenance': anyAsText,
  'services.*.build.sbom': anyAsText,
  'services.*.build.additional_contexts': additionalContexts,
  'services.*.depends_on': dependsOn,
  'services.*.env_file': envFile,
  'services.*.label_file': textAsList,
  'services.*.extends': keyed('service'),
  'services.*.gpus': gpus,
  'services.*.networks': nullSet,
  'services.*.models': nullSet,
  'services.*.volumes.*': volume,
  'services.*.dns': textAsList,
  'services.*.devices.*': device,
  'services.*.secrets.*': keyed('source'),
  'services.*.configs.*': keyed('source'),
  'services.*.ports': ports,
  'services.*.build': keyed('context'),
  'services.*.build.ssh': ssh,
  'services.*.develop.watch.*.ignore': textAsList,
  'services.*.develop.watch.*.include': textAsList,
  'volumes.*': maybeExternal,
  'networks.*': maybeExternal,
  'secrets.*': maybeExternal,
  'configs.*': maybeExternal,
  'include.*': keyed('path'),
});

/** Empty entries of `dns` are left out: a variable that is not set must not become a name server. */
export function withoutEmptyNameServers(model: Mapping): Mapping {
  const services = model.get('services');
  if (!isMapping(services)) return model;
  const cleaned = [...services].map(([name, service]): [string, Value] => {
    const dns = isMapping(service) ? service.get('dns') : undefined;
    if (!isMapping(service) || !Array.isArray(dns)) return [name, service];
    return [name, new Map(service).set('dns', dns.filter((entry) => entry !== '' && entry !== null))];
  });
  return new Map(model).set('services', new Map(cleaned));
}
