import { goText, compareText } from '../value/go-text.ts';
import { PathTable } from '../value/match.ts';
import { problem, type Path } from '../value/places.ts';
import { isMapping, typeName, type Mapping, type Value } from '../value/value.ts';

/** A later file over an earlier one. What the rules below do not name is merged: mappings by key, lists end to end. */
export function mergeModels(earlier: Mapping, later: Mapping): Mapping {
  return mergeMappings(earlier, later, []);
}

/** A service over the one that it extends. */
export function mergeService(base: Mapping, service: Mapping, name: string): Mapping {
  return mergeMappings(base, service, ['services', name]);
}

type Rule = (earlier: Value, later: Value, path: Path) => Value;

function mergeValues(earlier: Value, later: Value, path: Path): Value {
  const rule = rules.find(path);
  if (rule !== undefined) return rule(earlier, later, path);
  if (later === null) return earlier;
  if (isMapping(earlier)) {
    if (!isMapping(later)) throw mismatch(earlier, later, path);
    return mergeMappings(earlier, later, path);
  }
  if (Array.isArray(earlier)) {
    if (!Array.isArray(later)) throw mismatch(earlier, later, path);
    return [...earlier, ...later];
  }
  return later;
}

function mismatch(earlier: Value, later: Value, path: Path): Error {
  return problem(path, `cannot override: a ${typeName(earlier)} stands in an earlier file or service, a ${typeName(later)} here`, 'write both in the same form, or mark this one with !override');
}

function mergeMappings(earlier: Mapping, later: Mapping, path: Path): Mapping {
  const merged: Mapping = new Map(earlier);
  for (const [key, value] of later) {
    const before = merged.get(key);
    merged.set(key, before === undefined ? value : mergeValues(before, value, [...path, key]));
  }
  return merged;
}

const replace: Rule = (_earlier, later) => later;

/** Mapping or list, both as a list of `key=value`, one behind the other. */
const asList: Rule = (earlier, later) => [...sequenceOf(earlier), ...sequenceOf(later)];

const hosts: Rule = (earlier, later) => {
  const first = sequenceOf(earlier);
  return [...first, ...sequenceOf(later).filter((host) => !first.includes(host))];
};

const logging: Rule = (earlier, later, path) => {
  if (!isMapping(earlier) || !isMapping(later)) return later;
  const sameDriver = earlier.get('driver') === later.get('driver') || !earlier.has('driver') || !later.has('driver');
  // Options of one driver mean nothing to another.
  return sameDriver ? mergeMappings(earlier, later, path) : later;
};

const build: Rule = (earlier, later, path) => mergeMappings(buildMapping(earlier, path), buildMapping(later, path), path);

function buildMapping(value: Value, path: Path): Mapping {
  if (typeof value === 'string') return new Map([['context', value]]);
  if (value === null) return new Map();
  if (isMapping(value)) return value;
  throw problem(path, `must be a mapping or string, not ${typeName(value)}`);
}

const namedSet = (fresh: () => Value): Rule => (earlier, later, path) => mergeMappings(setOf(earlier, fresh), setOf(later, fresh), path);

function setOf(value: Value, fresh: () => Value): Mapping {
  if (isMapping(value)) return value;
  return new Map(Array.isArray(value) ? value.map((name) => [goText(name), fresh()]) : []);
}

/** Pools with the same subnet are one pool; others stand beside each other. */
const addressPools: Rule = (earlier, later, path) => {
  if (!Array.isArray(earlier) || !Array.isArray(later)) throw problem(path, 'must be a list');
  const pools: Mapping[] = [];
  const subnet = (pool: Mapping): Value | undefined => pool.get('subnet');
  for (const mine of earlier.filter(isMapping)) {
    for (const theirs of later.filter(isMapping)) {
      if (subnet(theirs) !== subnet(mine) && !pools.some((pool) => subnet(pool) === subnet(theirs))) {
        pools.push(theirs);
        continue;
      }
      const merged = mergeMappings(mine, theirs, path);
      const index = pools.findIndex((pool) => subnet(pool) === subnet(merged));
      if (index >= 0) pools[index] = merged;
      else pools.push(merged);
    }
  }
  return pools;
};

const rules = new PathTable<Rule>({
  'networks.*.ipam.config': addressPools,
  'networks.*.labels': asList,
  'volumes.*.labels': asList,
  'services.*.annotations': asList,
  'services.*.build': build,
  'services.*.build.args': asList,
  'services.*.build.additional_contexts': asList,
  'services.*.build.extra_hosts': hosts,
  'services.*.build.labels': asList,
  'services.*.command': replace,
  'services.*.depends_on': namedSet(() => new Map<string, Value>([['condition', 'service_started'], ['required', true]])),
  'services.*.deploy.labels': asList,
  'services.*.dns': asList,
  'services.*.dns_opt': asList,
  'services.*.dns_search': asList,
  'services.*.entrypoint': replace,
  'services.*.env_file': asList,
  'services.*.label_file': asList,
  'services.*.environment': asList,
  'services.*.extra_hosts': hosts,
  'services.*.healthcheck.test': replace,
  'services.*.labels': asList,
  'services.*.volumes.*.volume.labels': asList,
  'services.*.logging': logging,
  'services.*.models': namedSet(() => null),
  'services.*.networks': namedSet(() => null),
  'services.*.sysctls': asList,
  'services.*.tmpfs': asList,
  'services.*.ulimits.*': replace,
});

function sequenceOf(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [value];
  if (!isMapping(value)) return [];
  const pairs = [...value].flatMap(([key, item]) => {
    if (item === null) return [key];
    return Array.isArray(item) ? item.map((one) => `${key}=${goText(one)}`) : [`${key}=${goText(item)}`];
  });
  return pairs.sort(compareText);
}
