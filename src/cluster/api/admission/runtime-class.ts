import type { Json, JsonObject } from '#base/json.ts';
import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { AdmissionPlugin } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';
import { forbidden } from '../refusals.ts';
import { same } from '../same.ts';
import { isPod, objectOf, podSpec } from './pod-spec.ts';

/** The resource that has to be at hand for it. */
export const RUNTIME_CLASSES = 'node.k8s.io/runtimeclasses';

/** Gives pods what their RuntimeClass adds: overhead, node selector, tolerations (upstream's plugin RuntimeClass). */
export function runtimeClassAdmission(view: ObjectView): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    async create(of, object) {
      if (!isPod(of)) return object;
      const spec = podSpec(object);
      const named = spec['runtimeClassName'];
      if (typeof named !== 'string' || named === '') {
        if (Object.keys(objectOf(spec['overhead'])).length > 0) throw rejected(of, object, 'Pod Overhead set without corresponding RuntimeClass defined Overhead');
        return object;
      }
      const found = view.get(RUNTIME_CLASSES, undefined, named);
      if (found === undefined) throw rejected(of, object, `RuntimeClass ${JSON.stringify(named)} not found`);
      const fixed = objectOf(objectOf(found['overhead'] as Json | undefined)['podFixed']);
      const scheduling = objectOf(found['scheduling'] as Json | undefined);
      return asObject({ ...asJson(object), spec: { ...spec, ...overheadOf(of, object, spec, fixed), ...selectorOf(of, object, spec, objectOf(scheduling['nodeSelector'])), ...tolerationsOf(spec, scheduling['tolerations']) } });
    },
  };
}

function overheadOf(of: ResourceDefinition, object: KubeObject, spec: JsonObject, fixed: JsonObject): JsonObject {
  const given = objectOf(spec['overhead']);
  const isGiven = Object.keys(given).length > 0;
  if (Object.keys(fixed).length === 0) {
    if (isGiven) throw rejected(of, object, 'Pod Overhead set without corresponding RuntimeClass defined Overhead');
    return {};
  }
  if (isGiven && !same(given, fixed)) throw rejected(of, object, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  return { overhead: fixed };
}

function selectorOf(of: ResourceDefinition, object: KubeObject, spec: JsonObject, wanted: JsonObject): JsonObject {
  const own = objectOf(spec['nodeSelector']);
  for (const [key, value] of Object.entries(wanted)) {
    if (Object.hasOwn(own, key) && own[key] !== value) throw rejected(of, object, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${String(value)}; pod.spec.nodeSelector[${key}] = ${String(own[key])}`);
  }
  return Object.keys(wanted).length === 0 ? {} : { nodeSelector: { ...own, ...wanted } };
}

function tolerationsOf(spec: JsonObject, wanted: Json | undefined): JsonObject {
  if (!Array.isArray(wanted) || wanted.length === 0) return {};
  const own = Array.isArray(spec['tolerations']) ? spec['tolerations'] as readonly Json[] : [];
  return { tolerations: [...own, ...(wanted as readonly Json[]).filter((each) => !own.some((present) => same(present, each)))] };
}

function rejected(of: ResourceDefinition, object: KubeObject, why: string): Error {
  return forbidden(of, object.metadata.name, `pod rejected: ${why}`);
}
