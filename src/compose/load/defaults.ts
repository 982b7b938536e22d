import { goText } from '../value/go-text.ts';
import { PathTable } from '../value/match.ts';
import type { Path } from '../value/places.ts';
import { isMapping, type Mapping, type Value } from '../value/value.ts';

type Fill = (mapping: Mapping) => Mapping;

/** The canonical model with what the specification says when an attribute is left out. */
export function withDefaults(model: Mapping): Mapping {
  return inMapping(model, []);
}

function inMapping(mapping: Mapping, path: Path): Mapping {
  return new Map([...mapping].map(([key, value]) => [key, inValue(value, [...path, key])]));
}

function inValue(value: Value, path: Path): Value {
  const fill = isMapping(value) ? fills.find(path) : undefined;
  if (isMapping(value)) return fill === undefined ? inMapping(value, path) : fill(value);
  return Array.isArray(value) ? value.map((item, index) => inValue(item, [...path, String(index)])) : value;
}

const deviceRequest: Fill = (device) => (device.has('count') || device.has('device_ids') ? device : new Map(device).set('count', 'all'));

const fills = new PathTable<Fill>({
  'services.*.build': (build) => (build.has('context') ? build : new Map(build).set('context', '.')),
  'services.*.secrets.*': (secret) => (secret.has('target') ? secret : new Map(secret).set('target', `/run/secrets/${goText(secret.get('source') ?? null)}`)),
  'services.*.ports.*': (port) => new Map<string, Value>([['protocol', 'tcp'], ['mode', 'ingress'], ...port]),
  'services.*.deploy.resources.reservations.devices.*': deviceRequest,
  'services.*.gpus.*': deviceRequest,
});
