import { isMap, isScalar, isSeq, parseAllDocuments, type Node, type Scalar } from 'yaml';

/** A path as a compose file writes it. */
export interface WrittenPath {
  readonly kind: 'base' | 'env';
  readonly path: string;
  /** Offsets of the scalar in the text. */
  readonly start: number;
  readonly end: number;
}

/** The files that the services of a compose file name by `extends` and `env_file`, in the order of the text. */
export function writtenPaths(text: string): WrittenPath[] {
  const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, merge: false, logLevel: 'silent' });
  const found: WrittenPath[] = [];
  const add = (kind: WrittenPath['kind'], node: unknown): void => {
    if (!isScalar(node)) return;
    const { value, range } = node as Scalar;
    if (typeof value === 'string' && range !== undefined && range !== null) found.push({ kind, path: value, start: range[0], end: range[1] });
  };
  for (const document of Array.isArray(documents) ? documents : []) {
    const services = isMap(document.contents) ? document.contents.get('services', true) as Node | undefined : undefined;
    if (!isMap(services)) continue;
    for (const { value: service } of services.items) {
      if (!isMap(service)) continue;
      const extending = service.get('extends', true);
      if (isMap(extending)) add('base', extending.get('file', true));
      const named = service.get('env_file', true);
      for (const entry of isSeq(named) ? named.items : [named]) add('env', isMap(entry) ? entry.get('path', true) : entry);
    }
  }
  return found.toSorted((a, b) => a.start - b.start);
}

/** Whether a compose file has other files' projects in it. */
export function hasIncludes(text: string): boolean {
  const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, merge: false, logLevel: 'silent' });
  return Array.isArray(documents) && documents.some(({ contents }) => isMap(contents) && contents.has('include'));
}

/** The text with other names in these places. All else, comments too, stays as it is. */
export function renamed(text: string, places: readonly (WrittenPath & { readonly name: string })[]): string {
  let result = '';
  let from = 0;
  for (const { start, end, name } of places) {
    result += text.slice(from, start) + name;
    from = end;
  }
  return result + text.slice(from);
}
