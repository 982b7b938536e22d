import type { Path } from '../value/places.ts';
import { isMapping, type Mapping, type Value } from '../value/value.ts';

/** What one document of a file says. */
export interface FileModel {
  readonly value: Mapping;
  /** Paths that `!reset` and `!override` clear in whatever the document is laid over. */
  readonly cleared: readonly Path[];
}

/** The model without what stands at the cleared paths. */
export function dropCleared(model: Mapping, cleared: readonly Path[]): Mapping {
  return cleared.reduce((rest: Mapping, path) => without(rest, path) as Mapping, model);
}

function without(value: Value, path: Path): Value {
  const [key, ...below] = path;
  if (!isMapping(value) || key === undefined || !value.has(key)) return value;
  const copy: Mapping = new Map(value);
  if (below.length === 0) copy.delete(key);
  else copy.set(key, without(value.get(key) as Value, below));
  return copy;
}
