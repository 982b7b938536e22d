import { goText } from '../value/go-text.ts';
import { problem, type ComposeProblem, type Path } from '../value/places.ts';
import { equalValues, Float, isMapping, typeName, type Mapping, type Value } from '../value/value.ts';
import { nearest } from './nearest.ts';
import type { EitherShape, MapShape, ScalarShape, ScalarType, Shape, StructShape } from './shape.ts';

/** Everything in a value that does not have the shape, in the order of the value. */
export function checkShape(value: Value, shape: Shape, path: Path = []): ComposeProblem[] {
  switch (shape.kind) {
    case 'scalar': return checkScalar(value, shape, path);
    case 'either': return checkEither(value, shape, path);
    case 'list':
      if (!Array.isArray(value)) return [wrongType(value, shape, path)];
      return [...value.flatMap((item, index) => checkShape(item, shape.items, [...path, String(index)])), ...(shape.unique ? twice(value, path) : [])];
    case 'struct': return isMapping(value) ? checkStruct(value, shape, path) : [wrongType(value, shape, path)];
    case 'map': return isMapping(value) ? checkMap(value, shape, path) : [wrongType(value, shape, path)];
  }
}

function checkScalar(value: Value, shape: ScalarShape, path: Path): ComposeProblem[] {
  if (!shape.types.some((type) => isOfType(value, type))) return [wrongType(value, shape, path)];
  const amount = value instanceof Float ? value.value : value;
  if (typeof amount === 'number' && shape.minimum !== undefined && amount < shape.minimum) return [problem(path, `must be greater than or equal to ${shape.minimum}`)];
  if (typeof amount === 'number' && shape.maximum !== undefined && amount > shape.maximum) return [problem(path, `must be less than or equal to ${shape.maximum}`)];
  if (typeof value !== 'string') return [];
  if (shape.values !== undefined && !shape.values.includes(value)) {
    const meant = nearest(value, shape.values);
    return [problem(path, `value must be one of ${shape.values.map((known) => `'${known}'`).join(', ')}`, meant === undefined ? undefined : `did you mean ${meant}?`)];
  }
  if (shape.pattern !== undefined && !shape.pattern.test(value)) return [problem(path, `${JSON.stringify(value)} does not match pattern '${shape.pattern.source}'`)];
  return [];
}

/** The value's own type says which form was meant, so that only that form's faults are told. */
function checkEither(value: Value, shape: EitherShape, path: Path): ComposeProblem[] {
  const meant = shape.options.find((option) => takes(option, value));
  return meant === undefined ? [wrongType(value, shape, path)] : checkShape(value, meant, path);
}

function takes(shape: Shape, value: Value): boolean {
  switch (shape.kind) {
    case 'scalar': return shape.types.some((type) => isOfType(value, type));
    case 'list': return Array.isArray(value);
    case 'either': return shape.options.some((option) => takes(option, value));
    default: return isMapping(value);
  }
}

function isOfType(value: Value, type: ScalarType): boolean {
  switch (type) {
    case 'null': return value === null;
    case 'integer': return typeof value === 'number' || (value instanceof Float && Number.isInteger(value.value));
    case 'number': return typeof value === 'number' || value instanceof Float;
    default: return typeof value === type;
  }
}

function checkStruct(value: Mapping, shape: StructShape, path: Path): ComposeProblem[] {
  const problems: ComposeProblem[] = [];
  for (const [key, item] of value) {
    const field = shape.fields.get(key);
    if (field !== undefined) problems.push(...checkShape(item, field, [...path, key]));
    else if (!shape.open && !(shape.extensible && key.startsWith('x-'))) problems.push(unknownKey(key, shape, path));
  }
  const missing = shape.required.filter((key) => !value.has(key));
  if (missing.length > 0) problems.push(problem(path, `missing propert${missing.length === 1 ? 'y' : 'ies'} ${missing.map((key) => `'${key}'`).join(', ')}`, `add ${missing.join(' and ')}`));
  return problems;
}

function unknownKey(key: string, shape: StructShape, path: Path): ComposeProblem {
  const meant = nearest(key, shape.fields.keys());
  const own = shape.extensible ? `; a key of your own starts with x-` : '';
  const known = [...shape.fields.keys()].toSorted();
  const hint = meant !== undefined ? `did you mean ${meant}?` : known.length <= 12 ? `known here: ${known.join(', ')}${own}` : `see the Compose specification for the keys that are known here${own}`;
  return problem([...path, key], `additional properties '${key}' not allowed`, hint);
}

function checkMap(value: Mapping, shape: MapShape, path: Path): ComposeProblem[] {
  return [...value].flatMap(([key, item]) => {
    if (shape.keys.test(key)) return checkShape(item, shape.values, [...path, key]);
    return shape.open ? [] : [problem([...path, key], `additional properties '${key}' not allowed`, 'names are made of letters, digits, dots, underscores and hyphens')];
  });
}

function twice(value: readonly Value[], path: Path): ComposeProblem[] {
  for (const [index, item] of value.entries()) {
    const first = value.findIndex((other) => equalValues(other, item));
    if (first < index) return [problem([...path, String(index)], `items at ${first} and ${index} are equal`, `remove one ${goText(item)}`)];
  }
  return [];
}

function wrongType(value: Value, shape: Shape, path: Path): ComposeProblem {
  const wanted = [...new Set(typesOf(shape))].toSorted();
  const last = wanted.at(-1);
  const names = wanted.length < 2 ? last : `${wanted.slice(0, -1).join(', ')} or ${last}`;
  const article = /^[aeiou]/.test(names ?? '') ? 'an' : 'a';
  return problem(path, `must be ${article} ${names}, not ${typeName(value)}`, hintFor(value, wanted));
}

function typesOf(shape: Shape): string[] {
  switch (shape.kind) {
    case 'scalar': return [...shape.types];
    case 'list': return ['list'];
    case 'either': return shape.options.flatMap(typesOf);
    default: return ['mapping'];
  }
}

function hintFor(value: Value, wanted: readonly string[]): string | undefined {
  const isScalar = !Array.isArray(value) && !isMapping(value) && value !== null;
  if (isScalar && wanted.includes('string')) return `put quotes around it: "${goText(value)}"`;
  if (isScalar && wanted.includes('list')) return `write it as a list: [${goText(value)}]`;
  if (value === null) return 'a value is missing after the colon, or the lines below are not indented';
  if (Array.isArray(value) && wanted.includes('mapping')) return 'write `key: value` lines, without dashes';
  if (isMapping(value) && wanted.includes('list')) return 'write `- item` lines';
  return undefined;
}
