import { goText } from '../value/go-text.ts';
import { PathTable } from '../value/match.ts';
import { problem, type Path } from '../value/places.ts';
import { isMapping, type Value } from '../value/value.ts';
import { isIpAddress } from './ip-address.ts';

type Rule = (value: Value, path: Path) => void;

/** What the shape alone can't say, checked in the canonical model. Throws the first problem. */
export function checkRules(value: Value, path: Path = []): void {
  const rule = rules.find(path);
  if (rule !== undefined) {
    rule(value, path);
    return;
  }
  if (isMapping(value)) for (const [key, item] of value) checkRules(item, [...path, key]);
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) checkRules(item, [...path, String(index)]);
}

const externalAlone: Rule = (value, path) => {
  if (!isMapping(value) || value.get('external') !== true) return;
  const extra = [...value.keys()].find((key) => key !== 'name' && key !== 'external' && !key.startsWith('x-'));
  if (extra !== undefined) throw problem([...path, extra], `conflicting parameters "external" and "${extra}" specified`, 'what is external exists already: only its name can be said');
};

const oneSource = (...keys: string[]): Rule => (value, path) => {
  if (!isMapping(value)) throw problem(path, `one of ${keys.join(', ')} must be set`, `add ${keys.join(' or ')}`);
  const given = keys.filter((key) => value.has(key));
  if (given.length > 1) throw problem(path, `${keys.join('|')} attributes are mutually exclusive`, `keep one of ${given.join(', ')}`);
  if (given.length === 0 && !value.has('driver') && !value.has('external')) throw problem(path, `one of ${keys.join(', ')} must be set`, `add ${keys.join(' or ')}, or external: true`);
};

const hostAddress: Rule = (value, path) => {
  const ip = isMapping(value) ? value.get('host_ip') : undefined;
  if (ip !== undefined && !isIpAddress(goText(ip))) throw problem([...path, 'host_ip'], `invalid ip address: ${goText(ip)}`, 'write an IPv4 or IPv6 address of this machine');
};

const watchedPath: Rule = (value, path) => {
  if (value === '') throw problem(path, "value can't be blank", 'write the path to watch');
};

const countOrIds: Rule = (value, path) => {
  if (isMapping(value) && value.has('count') && value.has('device_ids')) throw problem(path, '"count" and "device_ids" attributes are exclusive', 'keep one of them');
};

const rules = new PathTable<Rule>({
  'volumes.*': externalAlone,
  'configs.*': oneSource('file', 'environment', 'content'),
  'secrets.*': oneSource('file', 'environment'),
  'services.*.ports.*': hostAddress,
  'services.*.develop.watch.*.path': watchedPath,
  'services.*.deploy.resources.reservations.devices.*': countOrIds,
  'services.*.gpus.*': countOrIds,
});
