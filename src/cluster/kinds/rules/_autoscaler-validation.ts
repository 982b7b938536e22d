import type { JsonObject } from '#base/json.ts';
import { invalidValue, notSupported, required, type FieldFault } from '../kind-rules.ts';
import { parseQuantity } from '../quantity.ts';
import { isObject, listAt, numberAt, objectAt, textAt, textOf, valueAt } from './_fields.ts';

/** What an autoscaler goes by, and how fast (pkg/apis/autoscaling/validation). */

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const SELECT = ['Disabled', 'Max', 'Min'];
const LONGEST_WINDOW = 3600;
const LONGEST_PERIOD = 1800;

export function metricFaults(metric: JsonObject, at: string): readonly FieldFault[] {
  const type = textAt(metric, 'type');
  if (!TYPES.includes(type)) return [type === '' ? required(`${at}.type`, 'must specify a metric source type') : notSupported(`${at}.type`, type, TYPES)];
  const source = `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`;
  if (!isObject(metric[source])) return [required(`${at}.${source}`, 'must populate information for the given metric source')];
  const path = `${at}.${source}`;
  const isResource = type === 'Resource' || type === 'ContainerResource';
  const name = isResource ? textAt(metric, source, 'name') : textAt(metric, source, 'metric', 'name');
  return [
    ...(name === '' ? [required(isResource ? `${path}.name` : `${path}.metric.name`, isResource ? 'must specify a resource name' : 'must specify a metric name')] : []),
    ...(type === 'ContainerResource' && textAt(metric, source, 'container') === '' ? [required(`${path}.container`, 'must specify a container')] : []),
    ...targetFaults(objectAt(metric, source, 'target'), `${path}.target`, isResource),
  ];
}

function targetFaults(target: JsonObject, at: string, isResource: boolean): readonly FieldFault[] {
  const [share, average, value] = ['averageUtilization', 'averageValue', 'value'].map((name) => valueAt(target, name) ?? undefined);
  const positive = [['averageValue', average], ['value', value]].flatMap(([name, amount]) => (amount === undefined || isPositive(textOf(amount)) ? [] : [invalidValue(`${at}.${textOf(name)}`, amount, 'must be positive')]));
  if (typeof share === 'number' && share < 1) return [...positive, invalidValue(`${at}.averageUtilization`, share, 'must be greater than 0')];
  if (!isResource) return average === undefined && value === undefined ? [required(`${at}.averageValue`, 'must set either a target value or averageValue')] : positive;
  if (share === undefined && average === undefined) return [required(`${at}.averageUtilization`, 'must set either a target raw value or a target utilization')];
  return share !== undefined && average !== undefined ? [...positive, { reason: 'FieldValueForbidden', field: `${at}.averageValue`, message: 'Forbidden: may not set both a target raw value and a target utilization' }] : positive;
}

function isPositive(text: string, least = 1n): boolean {
  try {
    return parseQuantity(text).nano >= least;
  } catch {
    return false;
  }
}

export function scalingRuleFaults(rules: JsonObject, at: string): readonly FieldFault[] {
  const [window, select, tolerance] = [valueAt(rules, 'stabilizationWindowSeconds'), textAt(rules, 'selectPolicy'), valueAt(rules, 'tolerance')];
  const policies = valueAt(rules, 'policies');
  return [
    ...(typeof window !== 'number' ? [] : window < 0 ? [invalidValue(`${at}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero')] : window > LONGEST_WINDOW ? [invalidValue(`${at}.stabilizationWindowSeconds`, window, `must be less than or equal to ${LONGEST_WINDOW}`)] : []),
    ...(select === '' || SELECT.includes(select) ? [] : [notSupported(`${at}.selectPolicy`, select, SELECT)]),
    ...(tolerance === undefined || tolerance === null || isPositive(textOf(tolerance), 0n) ? [] : [invalidValue(`${at}.tolerance`, tolerance, 'must be greater or equal to 0')]),
    ...(Array.isArray(policies) && policies.length === 0 ? [required(`${at}.policies`, 'must specify at least one Policy')] : []),
    ...listAt(rules, 'policies').flatMap((policy, index) => policyFaults(policy, `${at}.policies[${index}]`)),
  ];
}

function policyFaults(policy: JsonObject, at: string): readonly FieldFault[] {
  const [type, value, period] = [textAt(policy, 'type'), numberAt(policy, 'value'), numberAt(policy, 'periodSeconds')];
  return [
    ...(['Percent', 'Pods'].includes(type) ? [] : [notSupported(`${at}.type`, type, ['Percent', 'Pods'])]),
    ...(value > 0 ? [] : [invalidValue(`${at}.value`, value, 'must be greater than zero')]),
    ...(period <= 0 ? [invalidValue(`${at}.periodSeconds`, period, 'must be greater than zero')] : period > LONGEST_PERIOD ? [invalidValue(`${at}.periodSeconds`, period, `must be less than or equal to ${LONGEST_PERIOD}`)] : []),
  ];
}
