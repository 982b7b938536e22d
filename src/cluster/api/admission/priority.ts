import { asJson, asObject, type KubeObject } from '#cluster/kinds/object.ts';
import type { AdmissionPlugin } from '../admission.ts';
import type { ObjectView } from '../object-view.ts';
import { forbidden } from '../refusals.ts';
import { isPod, podSpec } from './pod-spec.ts';

const CLASSES = 'scheduling.k8s.io/priorityclasses';

/** The classes that every cluster has, for what it cannot be without. */
export const systemPriorityClasses: readonly { readonly name: string; readonly value: number }[] = [{ name: 'system-cluster-critical', value: 2_000_000_000 }, { name: 'system-node-critical', value: 2_000_001_000 }];

/** Gives pods the number that their class stands for (upstream's plugin Priority). */
export function priorityAdmission(view: ObjectView): AdmissionPlugin {
  return {
    name: 'Priority',
    async create(of, object) {
      if (of.group === 'scheduling.k8s.io' && of.plural === 'priorityclasses') return onlyDefault(view, object);
      if (!isPod(of)) return object;
      const spec = podSpec(object);
      const named = typeof spec['priorityClassName'] === 'string' ? spec['priorityClassName'] : '';
      const found = named === '' ? defaultClass(view) : view.get(CLASSES, undefined, named);
      if (named !== '' && found === undefined) throw forbidden(of, object.metadata.name, `no PriorityClass with name ${named} was found`);
      const priority = found === undefined ? 0 : found['value'] as number;
      const given = spec['priority'];
      if (given !== undefined && given !== null && given !== priority) {
        throw forbidden(of, object.metadata.name, `the integer value of priority (${JSON.stringify(given)}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`);
      }
      const policy = (found?.['preemptionPolicy'] ?? 'PreemptLowerPriority') as string;
      if (typeof spec['preemptionPolicy'] === 'string' && spec['preemptionPolicy'] !== policy) {
        throw forbidden(of, object.metadata.name, `the string value of PreemptionPolicy (${spec['preemptionPolicy']}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`);
      }
      return asObject({ ...asJson(object), spec: { ...spec, ...(found === undefined ? {} : { priorityClassName: found.metadata.name }), priority, preemptionPolicy: policy } });
    },
  };
}

/** Of several that all want to be it, the least. */
function defaultClass(view: ObjectView): KubeObject | undefined {
  return view.list(CLASSES).filter((each) => each['globalDefault'] === true).sort((a, b) => Number(a['value']) - Number(b['value']))[0];
}

function onlyDefault(view: ObjectView, object: KubeObject): KubeObject {
  const present = object['globalDefault'] === true ? defaultClass(view) : undefined;
  if (present === undefined) return object;
  throw forbidden({ group: 'scheduling.k8s.io', plural: 'priorityclasses', kind: 'PriorityClass' }, object.metadata.name, `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`);
}
