import type { Json } from '#base/json.ts';
import type { KubeObject } from './object.ts';

/** One field that is refused, in upstream's terms: `FieldValueRequired` and its kin, words, path. */
export interface FieldFault {
  readonly reason: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueNotSupported' | 'FieldValueDuplicate' | 'FieldValueForbidden' | 'FieldValueTooLong' | 'FieldValueTooMany' | 'FieldValueNotFound';
  readonly field: string;
  readonly message: string;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  /** Shown only by `-o wide`: above 0. */
  readonly priority: number;
  readonly description: string;
  /** A cell is a text, a number or a truth; times of `date` columns are texts too. */
  cell(object: KubeObject, nowMs: number): Json;
}

/** What a kind knows of itself beside its schema. A kind without rules has none of it. */
export interface KindRules {
  /** Fields that upstream fills in where they are absent. */
  defaults?(object: KubeObject): KubeObject;
  /** @param old what an update changes */
  validate?(object: KubeObject, old?: KubeObject): readonly FieldFault[];
  /** What may not change. @param subresource by which it is asked for; undefined: the object's own path */
  validateUpdate?(object: KubeObject, old: KubeObject, subresource?: string): readonly FieldFault[];
  /** By subresource: what of an update is heeded that comes by it, on top of what there is. `status` is the same for all kinds. */
  readonly parts?: Readonly<Record<string, (asked: KubeObject, old: KubeObject) => KubeObject>>;
  readonly columns?: readonly Column[];
}

export function required(field: string, what = ''): FieldFault {
  return { reason: 'FieldValueRequired', field, message: `Required value${what === '' ? '' : `: ${what}`}` };
}

export function invalidValue(field: string, value: unknown, why: string): FieldFault {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldFault {
  return { reason: 'FieldValueNotSupported', field, message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}` };
}

export function duplicate(field: string, value: unknown): FieldFault {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${JSON.stringify(value)}` };
}

export function forbidden(field: string, why: string): FieldFault {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

export function tooLong(field: string, most: number): FieldFault {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${most} bytes` };
}
