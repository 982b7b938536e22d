import type { Json } from '#base/json.ts';
import type { Column } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { listAt, objectAt, textAt, textOf, textsAt } from './_fields.ts';
import { since } from './_human-duration.ts';

type Cell = (object: KubeObject, nowMs: number) => Json;

/** Columns and their order are upstream's (pkg/printers/internalversion): scripts cut them by their place. */
export const NAME: Column = { name: 'Name', type: 'string', format: 'name', priority: 0, description: 'Name of the object, unique in its namespace', cell: ({ metadata }) => metadata.name };
export const AGE: Column = { name: 'Age', type: 'string', priority: 0, description: 'How long ago it was made', cell: ({ metadata }, nowMs) => since(metadata.creationTimestamp, nowMs) };

export function column(name: string, description: string, cell: Cell): Column {
  return { name, type: 'string', priority: 0, description, cell };
}

export function count(name: string, description: string, cell: (object: KubeObject) => number): Column {
  return { name, type: 'integer', priority: 0, description, cell };
}

/** Shown by `-o wide`. */
export function wide(column: Column): Column {
  return { ...column, priority: 1 };
}

export const NONE = '<none>';
export const orNone = (text: string): string => (text === '' ? NONE : text);

/** `app=web,tier in (a,b)`. */
export function selectorText(object: KubeObject, ...path: readonly string[]): string {
  const labels = Object.entries(objectAt(object, ...path, 'matchLabels')).map(([key, value]) => `${key}=${textOf(value)}`).sort();
  const expressions = listAt(object, ...path, 'matchExpressions').map((each) => {
    const [key, operator, values] = [textAt(each, 'key'), textAt(each, 'operator'), textsAt(each, 'values').toSorted().join(',')];
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${values})`;
  });
  return orNone([...labels, ...expressions].sort().join(','));
}

export function mapText(map: Readonly<Record<string, unknown>>): string {
  return orNone(Object.entries(map).map(([key, value]) => `${key}=${textOf(value)}`).sort().join(','));
}

/** What the containers of a template are called, and what they run. */
export function containerColumns(...path: readonly string[]): readonly Column[] {
  return [
    wide(column('Containers', 'Names of the containers in its pods', (object) => listAt(object, ...path, 'containers').map((each) => textAt(each, 'name')).join(','))),
    wide(column('Images', 'Images of the containers in its pods', (object) => listAt(object, ...path, 'containers').map((each) => textAt(each, 'image')).join(','))),
  ];
}
