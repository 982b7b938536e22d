import type { Json } from '#base/json.ts';
import { childType, isObject, settled, type FieldType } from './field-type.ts';

/** Lists, maps and structures in a value that have one owner, and so are replaced as one: `.spec.containers[0].args`. */
export function atomicPaths(type: FieldType, value: Json, path = ''): readonly string[] {
  const known = settled(type, value);
  if (known.kind === 'atomic') return value !== null && typeof value === 'object' ? [path] : [];
  if (known.kind === 'object' && isObject(value)) return Object.entries(value).flatMap(([name, each]) => (each === undefined ? [] : atomicPaths(childType(known, name), each, `${path}.${name}`)));
  if (known.kind === 'list' && Array.isArray(value)) return (value as readonly Json[]).flatMap((each, index) => atomicPaths(known.item, each, `${path}[${index}]`));
  return [];
}
