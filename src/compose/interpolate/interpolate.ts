import { isKind } from '#base/error.ts';
import { problem, type Path } from '../value/places.ts';
import { isMapping, type Mapping, type Value } from '../value/value.ts';
import { casts } from './casts.ts';
import { substitute, type TemplateOptions } from './template.ts';

export interface InterpolateOptions extends TemplateOptions {
  readonly warn: (message: string) => void;
}

/** The model with variables replaced in every text that is a value. Keys are left as they are. */
export function interpolate(model: Mapping, options: InterpolateOptions): Mapping {
  return new Map([...model].map(([key, value]) => [key, inside(value, [key], options)]));
}

function inside(value: Value, path: Path, options: InterpolateOptions): Value {
  if (typeof value === 'string') return text(value, path, options);
  if (Array.isArray(value)) return value.map((item, index) => inside(item, [...path, String(index)], options));
  if (isMapping(value)) return new Map([...value].map(([key, item]) => [key, inside(item, [...path, key], options)]));
  return value;
}

function text(value: string, path: Path, options: InterpolateOptions): Value {
  try {
    const replaced = substitute(value, options);
    const cast = casts.find(path);
    return cast === undefined ? replaced : cast(replaced, options.warn);
  } catch (thrown) {
    if (!isKind(thrown, 'invalid')) throw thrown;
    throw problem(path, thrown.message, thrown.hint);
  }
}
