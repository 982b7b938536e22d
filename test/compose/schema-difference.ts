import type { Shape } from '../../src/compose/schema/shape.ts';

type Schema = Readonly<Record<string, any>>;

/** Keys that the specification's schema and our shape do not share, as `services.*.build: ours lacks x`. */
export function schemaDifferences(root: Schema, shape: Shape): string[] {
  const resolve = (schema: Schema): Schema => (typeof schema['$ref'] === 'string' ? resolve(schema['$ref'].split('/').slice(1).reduce((at: Schema, part: string) => at[part], root)) : schema);
  const forms = (schema: Schema): Schema[] => {
    const resolved = resolve(schema);
    return Array.isArray(resolved['oneOf']) ? resolved['oneOf'].flatMap(forms) : [resolved];
  };
  const compare = (schema: Schema, ours: Shape, path: string): string[] => {
    const all = forms(schema);
    switch (ours.kind) {
      case 'scalar': return [];
      case 'either': return ours.options.flatMap((option) => compare(schema, option, path));
      case 'list': {
        const list = all.find((form) => form['items'] !== undefined);
        return list === undefined ? [`${path}: only ours has a list`] : compare(list['items'], ours.items, `${path}[]`);
      }
      case 'map': {
        const map = all.find((form) => form['patternProperties'] !== undefined && form['properties'] === undefined);
        const values = Object.entries(map?.['patternProperties'] ?? {}).find(([pattern]) => pattern !== '^x-')?.[1] as Schema | undefined;
        return values === undefined ? [] : compare(values, ours.values, `${path}.*`);
      }
      case 'struct': {
        const struct = all.find((form) => form['properties'] !== undefined);
        if (struct === undefined) return [`${path}: only ours has keys`];
        const theirs = Object.keys(struct['properties']);
        return [
          ...theirs.filter((key) => !ours.fields.has(key)).map((key) => `${path}: ours lacks ${key}`),
          ...[...ours.fields.keys()].filter((key) => !theirs.includes(key)).map((key) => `${path}: only ours has ${key}`),
          ...((struct['required'] ?? []) as string[]).filter((key) => !ours.required.includes(key)).map((key) => `${path}: ours does not require ${key}`),
          ...theirs.flatMap((key) => { const field = ours.fields.get(key); return field === undefined ? [] : compare(struct['properties'][key], field, path === '' ? key : `${path}.${key}`); }),
        ];
      }
    }
  };
  return compare(root, shape, '');
}
