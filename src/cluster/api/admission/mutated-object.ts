import type { Json } from '#base/json.ts';
import { asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { knownPart } from '#cluster/kinds/unknown-fields.ts';
import type { AdmissionSubject } from '../admission.ts';
import { isObject } from './pod-spec.ts';

/** What others made of an object, as the server has it: no field that the kind lacks. Undefined where it is no object any more. */
export function mutatedObject(schemas: SchemaSet, { of, settle }: AdmissionSubject, next: Json): KubeObject | undefined {
  if (!isObject(next) || !isObject(next['metadata'])) return undefined;
  return settle(asObject(of.message === undefined ? { ...next, metadata: knownPart(schemas, 'meta.v1.ObjectMeta', next['metadata'], false) } : knownPart(schemas, of.message, next)));
}
