/** Types of values whose JSON form is not that of their message. */
export type SpecialForm = 'time' | 'micro-time' | 'duration' | 'int-or-string' | 'quantity' | 'raw' | 'strings' | 'json-schema-or';
export type Scalar = 'string' | 'bool' | 'bytes' | 'int32' | 'int64' | 'double';

/** How a list, map or object is owned and merged by server-side apply (`x-kubernetes-list-type` and its kin). */
export type Ownership =
  | { readonly kind: 'granular' }
  | { readonly kind: 'atomic' }
  | { readonly kind: 'set' }
  | { readonly kind: 'map'; readonly keys: readonly string[] };

/** How a strategic merge patch treats a list (`x-kubernetes-patch-strategy`): without one, it replaces. */
export interface PatchStrategy {
  readonly merge: boolean;
  readonly retainKeys: boolean;
  /** Of a list of objects; a list of scalars merges by value. */
  readonly mergeKey: string | undefined;
}

export interface FieldSchema {
  readonly name: string;
  /** In the protobuf form. */
  readonly number: number;
  readonly shape: 'one' | 'list' | 'map';
  readonly type: { readonly kind: 'scalar'; readonly scalar: Scalar } | { readonly kind: 'message'; readonly name: string };
  /** Its own fields stand in the object that holds it. */
  readonly inline: boolean;
  /** A zero value is not the same as none. */
  readonly pointer: boolean;
  readonly required: boolean;
  readonly ownership: Ownership;
  readonly patch: PatchStrategy | undefined;
  readonly preset: string | number | boolean | undefined;
}

/** One type of upstream's API, as `core.v1.PodSpec`. */
export interface MessageSchema {
  readonly name: string;
  readonly atomic: boolean;
  readonly fields: readonly FieldSchema[];
}

const SPECIAL: Readonly<Record<string, SpecialForm>> = {
  'meta.v1.Time': 'time', 'meta.v1.MicroTime': 'micro-time', 'meta.v1.Duration': 'duration', 'intstr.IntOrString': 'int-or-string',
  'resource.Quantity': 'quantity', 'runtime.RawExtension': 'raw', 'meta.v1.FieldsV1': 'raw', 'apiextensions.v1.JSON': 'raw',
  'apiextensions.v1.JSONSchemaPropsOrBool': 'json-schema-or', 'apiextensions.v1.JSONSchemaPropsOrArray': 'json-schema-or',
  'apiextensions.v1.JSONSchemaPropsOrStringArray': 'json-schema-or',
};

export function specialFormOf(message: string): SpecialForm | undefined {
  if (Object.hasOwn(SPECIAL, message)) return SPECIAL[message];
  return /\.(ExtraValue|Verbs|PodSignature)$/.test(message) ? 'strings' : undefined;
}
