import type { Json, JsonObject } from '#base/json.ts';
import { forbidden, invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import { isObject, numberAt, objectAt, textAt, textOf, valueAt } from './_fields.ts';

/** How workloads go from one template to the next (pkg/apis/apps/validation). */

const PERCENT = /^\d+%$/;
const NO_PERCENT = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A number, or a share of a hundred at most. */
function checkShare(value: Json | undefined, path: string, isBounded: boolean): readonly FieldFault[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string' && !PERCENT.test(value)) return [invalidValue(path, value, NO_PERCENT)];
  if (typeof value === 'number' && value < 0) return [invalidValue(path, value, 'must be greater than or equal to 0')];
  return isBounded && typeof value === 'string' && Number.parseInt(value, 10) > 100 ? [invalidValue(path, value, 'must not be greater than 100%')] : [];
}

const isNothing = (value: Json | undefined): boolean => Number.parseInt(textOf(value), 10) === 0;

export function checkDeploymentStrategy(spec: JsonObject): readonly FieldFault[] {
  const [strategy, path] = [objectAt(spec, 'strategy'), 'spec.strategy'];
  const [type, rolling] = [textAt(strategy, 'type'), objectAt(strategy, 'rollingUpdate')];
  if (type === 'Recreate') return isObject(strategy['rollingUpdate']) ? [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (type !== 'RollingUpdate' && type !== '') return [notSupported(`${path}.type`, type, ['Recreate', 'RollingUpdate'])];
  const [unavailable, surge] = [valueAt(rolling, 'maxUnavailable'), valueAt(rolling, 'maxSurge')];
  return [
    ...checkShare(unavailable, `${path}.rollingUpdate.maxUnavailable`, true), ...checkShare(surge, `${path}.rollingUpdate.maxSurge`, false),
    ...(isNothing(unavailable) && isNothing(surge) ? [invalidValue(`${path}.rollingUpdate.maxUnavailable`, unavailable, 'may not be 0 when `maxSurge` is 0')] : []),
    ...(numberAt(spec, 'progressDeadlineSeconds') > numberAt(spec, 'minReadySeconds') || valueAt(spec, 'progressDeadlineSeconds') === undefined ? [] : [invalidValue('spec.progressDeadlineSeconds', numberAt(spec, 'progressDeadlineSeconds'), 'must be greater than minReadySeconds')]),
  ];
}

export function checkDaemonSetStrategy(spec: JsonObject): readonly FieldFault[] {
  const path = 'spec.updateStrategy';
  const [type, rolling] = [textAt(spec, 'updateStrategy', 'type'), objectAt(spec, 'updateStrategy', 'rollingUpdate')];
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate' && type !== '') return [notSupported(`${path}.type`, type, ['RollingUpdate', 'OnDelete'])];
  const [unavailable, surge] = [valueAt(rolling, 'maxUnavailable'), valueAt(rolling, 'maxSurge')];
  const faults = [...checkShare(unavailable, `${path}.rollingUpdate.maxUnavailable`, true), ...checkShare(surge, `${path}.rollingUpdate.maxSurge`, true)];
  if (faults.length > 0 || Object.keys(rolling).length === 0) return faults;
  if (isNothing(unavailable) && isNothing(surge)) return [required(`${path}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0')];
  return isNothing(unavailable) || isNothing(surge) ? [] : [invalidValue(`${path}.rollingUpdate.maxSurge`, surge, 'may not be set when maxUnavailable is non-zero')];
}

export function checkStatefulSetPolicies(spec: JsonObject): readonly FieldFault[] {
  const path = 'spec.updateStrategy';
  const [type, rolling] = [textAt(spec, 'updateStrategy', 'type'), objectAt(spec, 'updateStrategy', 'rollingUpdate')];
  const unavailable = valueAt(rolling, 'maxUnavailable');
  const management = textAt(spec, 'podManagementPolicy');
  const negative = (at: string, value: number): readonly FieldFault[] => (value < 0 ? [invalidValue(at, value, 'must be greater than or equal to 0')] : []);
  return [
    ...(['', 'OrderedReady', 'Parallel'].includes(management) ? [] : [invalidValue('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'")]),
    ...(['', 'OnDelete', 'RollingUpdate'].includes(type) ? [] : [invalidValue(path, objectAt(spec, 'updateStrategy'), "must be 'RollingUpdate' or 'OnDelete'")]),
    ...(type === 'OnDelete' && isObject(valueAt(spec, 'updateStrategy', 'rollingUpdate')) ? [invalidValue(`${path}.rollingUpdate`, rolling, "only allowed for updateStrategy 'RollingUpdate'")] : []),
    ...negative(`${path}.rollingUpdate.partition`, numberAt(rolling, 'partition')), ...negative('spec.ordinals.start', numberAt(spec, 'ordinals', 'start')),
    ...checkShare(unavailable, `${path}.rollingUpdate.maxUnavailable`, true), ...(unavailable !== undefined && isNothing(unavailable) ? [invalidValue(`${path}.rollingUpdate.maxUnavailable`, unavailable, 'cannot be 0')] : []),
    ...['whenDeleted', 'whenScaled'].flatMap((name) => {
      const policy = textAt(spec, 'persistentVolumeClaimRetentionPolicy', name);
      return ['', 'Delete', 'Retain'].includes(policy) ? [] : [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, policy, ['Delete', 'Retain'])];
    }),
  ];
}
