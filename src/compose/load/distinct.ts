import { goText } from '../value/go-text.ts';
import { PathTable } from '../value/match.ts';
import { problem, type Path } from '../value/places.ts';
import { isMapping, typeName, type Mapping, type Value } from '../value/value.ts';
import { parseVolumeSpec } from './volume-spec.ts';

/** Lists in which a later entry replaces an earlier one about the same thing: same variable, same target, same port. */
export function keepDistinct(model: Mapping): Mapping {
  return inMapping(model, []);
}

type KeyOf = (entry: Value, path: Path) => string;

function inMapping(mapping: Mapping, path: Path): Mapping {
  return new Map([...mapping].map(([key, value]) => [key, inValue(value, [...path, key])]));
}

function inValue(value: Value, path: Path): Value {
  if (isMapping(value)) return inMapping(value, path);
  const keyOf = Array.isArray(value) ? keys.find(path) : undefined;
  if (!Array.isArray(value) || keyOf === undefined) return value;
  const kept = new Map<string, Value>();
  for (const [index, entry] of value.entries()) kept.set(keyOf(entry, [...path, String(index)]), entry);
  return [...kept.values()];
}

const variable: KeyOf = (entry, path) => {
  if (typeof entry !== 'string') throw problem(path, `must be a string, not ${typeName(entry)}`, `put quotes around it: "${goText(entry)}"`);
  return entry.split('=')[0] as string;
};

const mountTarget: KeyOf = (entry, path) => {
  if (typeof entry === 'string') return parseVolumeSpec(entry, path).target;
  return targetOf(entry, path, 'service volume is missing a mount target');
};

const deviceTarget: KeyOf = (entry, path) => {
  if (typeof entry !== 'string') return targetOf(entry, path, 'service device is missing a mount target');
  const parts = entry.split(':');
  return parts[1] ?? parts[0] as string;
};

function targetOf(entry: Value, path: Path, missing: string): string {
  const target = isMapping(entry) ? entry.get('target') : undefined;
  if (isMapping(entry) && typeof target !== 'string') throw problem(path, missing, 'add a target');
  return typeof target === 'string' ? target : '';
}

const plain: KeyOf = (entry) => goText(entry);

const fileTarget = (folder: string): KeyOf => (entry) => {
  if (!isMapping(entry)) return `${folder}/${goText(entry)}`;
  const target = entry.get('target');
  return target === undefined ? `${folder}/${goText(entry.get('source') ?? null)}` : goText(target);
};

const port: KeyOf = (entry, path) => {
  if (!isMapping(entry)) return goText(entry);
  const target = entry.get('target');
  if (target === undefined) throw problem(path, 'service port is missing a target port', 'add target: the port inside the container');
  const [host, published, protocol] = [entry.get('host_ip') ?? '0.0.0.0', entry.get('published') ?? null, entry.get('protocol') ?? 'tcp'];
  return `${goText(host)}:${goText(published)}:${goText(target)}/${goText(protocol)}`;
};

const envFile: KeyOf = (entry, path) => {
  if (!isMapping(entry)) return goText(entry);
  const file = entry.get('path');
  if (typeof file !== 'string') throw problem(path, 'the path of the env file is missing', 'add path');
  return file;
};

const keys = new PathTable<KeyOf>({
  'networks.*.labels': variable,
  'networks.*.ipam.options': variable,
  'services.*.annotations': variable,
  'services.*.build.args': variable,
  'services.*.build.additional_contexts': variable,
  'services.*.build.platform': variable,
  'services.*.build.tags': variable,
  'services.*.build.labels': variable,
  'services.*.cap_add': variable,
  'services.*.cap_drop': variable,
  'services.*.configs': fileTarget(''),
  'services.*.deploy.labels': variable,
  'services.*.devices': deviceTarget,
  'services.*.dns': variable,
  'services.*.dns_opt': variable,
  'services.*.dns_search': variable,
  'services.*.environment': variable,
  'services.*.env_file': envFile,
  'services.*.expose': plain,
  'services.*.labels': variable,
  'services.*.links': variable,
  'services.*.networks.*.aliases': variable,
  'services.*.networks.*.link_local_ips': variable,
  'services.*.ports': port,
  'services.*.profiles': variable,
  'services.*.secrets': fileTarget('/run/secrets'),
  'services.*.sysctls': variable,
  'services.*.tmpfs': variable,
  'services.*.volumes': mountTarget,
});
