import type { CustomSchema } from '#cluster/kinds/custom/custom-schema.ts';
import { DEDUCED, type FieldType } from '../apply/field-type.ts';

const SCALAR: FieldType = { kind: 'scalar' };
const ATOMIC: FieldType = { kind: 'atomic' };

/** How the values of a custom kind are owned, field by field (`x-kubernetes-list-type` and its kin). @param metadata the type of an object's metadata */
export function customFieldType(schema: CustomSchema, metadata: FieldType, isWhole = true): FieldType {
  const { properties, additional, items, listType, listKeys, preserves } = schema;
  if (schema.type === 'array') {
    const isKeyed = listType === 'map' || listType === 'set';
    if (items === undefined || !isKeyed) return ATOMIC;
    const presets = listKeys.flatMap((key) => {
      const preset = items.properties.get(key)?.preset;
      return preset === undefined ? [] : [[key, preset] as const];
    });
    return { kind: 'list', item: customFieldType(items, metadata, items.embedded), keys: listType === 'map' ? listKeys : [], keyDefaults: new Map(presets) };
  }
  if (schema.type !== 'object') return schema.type === '' && !schema.intOrString ? DEDUCED : SCALAR;
  if (schema.atomicMap) return ATOMIC;
  const made = new Map<string, FieldType>();
  return {
    kind: 'object', other: additional === undefined ? DEDUCED : customFieldType(additional, metadata, additional.embedded),
    named: (name) => {
      if (isWhole && name === 'metadata') return metadata;
      if (isWhole && (name === 'apiVersion' || name === 'kind')) return SCALAR;
      const field = properties.get(name);
      if (field === undefined) return additional === undefined && preserves ? DEDUCED : undefined;
      const type = made.get(name) ?? customFieldType(field, metadata, field.embedded);
      made.set(name, type);
      return type;
    },
  };
}
