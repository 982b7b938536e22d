import { invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { parseQuantity } from '../quantity.ts';
import { textAt, textsAt } from './_fields.ts';

/** With their short forms. */
export const ACCESS_MODES: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

/** Of a claim, or of a template of one. */
export function claimSpecFaults(claim: KubeObject): readonly FieldFault[] {
  return [...checkModes(claim), ...checkStorage(textAt(claim, 'spec', 'resources', 'requests', 'storage'), 'spec.resources[storage]')];
}

export function checkModes(object: KubeObject): readonly FieldFault[] {
  const modes = textsAt(object, 'spec', 'accessModes');
  if (modes.length === 0) return [required('spec.accessModes', 'at least 1 access mode is required')];
  return modes.filter((mode) => !Object.hasOwn(ACCESS_MODES, mode)).map((mode) => notSupported('spec.accessModes', mode, Object.keys(ACCESS_MODES).sort()));
}

export function checkStorage(text: string, field: string): readonly FieldFault[] {
  if (text === '') return [required(field)];
  try {
    return parseQuantity(text).nano > 0n ? [] : [invalidValue(field, text, 'must be greater than zero')];
  } catch {
    return [invalidValue(field, text, 'must be a quantity')];
  }
}
