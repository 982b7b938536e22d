import type { JsonObject } from '#base/json.ts';
import { invalidValue, required, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { metricFaults, scalingRuleFaults } from './_autoscaler-validation.ts';
import { AGE, column, count, NAME, NONE } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt, textOf, valueAt } from './_fields.ts';
import { fill } from './_pod-defaults.ts';

const CPU: JsonObject = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };
const MOST_METRICS = 2;

/** `autoscaling/v2`, and v1, which has one metric and its own names. */
export const horizontalPodAutoscalerRules: KindRules = {
  defaults: (scaler) => {
    const isFirst = scaler.apiVersion === 'autoscaling/v1';
    return { ...scaler, spec: fill(objectAt(scaler, 'spec'), { minReplicas: 1, ...(isFirst ? {} : { metrics: [CPU] }) }) };
  },
  validate: (scaler) => {
    const [least, most] = [valueAt(scaler, 'spec', 'minReplicas'), numberAt(scaler, 'spec', 'maxReplicas')];
    return [
      ...(typeof least === 'number' && least < 1 ? [invalidValue('spec.minReplicas', least, 'must be greater than or equal to 1')] : []),
      ...(most < 1 ? [invalidValue('spec.maxReplicas', most, 'must be greater than 0')] : typeof least === 'number' && most < least ? [invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`')] : []),
      ...['kind', 'name'].filter((name) => textAt(scaler, 'spec', 'scaleTargetRef', name) === '').map((name) => required(`spec.scaleTargetRef.${name}`)),
      ...listAt(scaler, 'spec', 'metrics').flatMap((metric, index) => metricFaults(metric, `spec.metrics[${index}]`)),
      ...['scaleUp', 'scaleDown'].flatMap((name) => scalingRuleFaults(objectAt(scaler, 'spec', 'behavior', name), `spec.behavior.${name}`)),
    ];
  },
  columns: [
    NAME,
    column('Reference', 'What it scales', (scaler) => `${textAt(scaler, 'spec', 'scaleTargetRef', 'kind')}/${textAt(scaler, 'spec', 'scaleTargetRef', 'name')}`),
    column('Targets', 'What is measured, and what it should be', targetsText),
    column('MinPods', 'At least so many', (scaler) => (valueAt(scaler, 'spec', 'minReplicas') === undefined ? '<unset>' : textAt(scaler, 'spec', 'minReplicas'))),
    count('MaxPods', 'At most so many', (scaler) => numberAt(scaler, 'spec', 'maxReplicas')),
    count('Replicas', 'So many now', (scaler) => numberAt(scaler, 'status', 'currentReplicas')),
    AGE,
  ],
};

function targetsText(scaler: KubeObject): string {
  const first = valueAt(scaler, 'spec', 'targetCPUUtilizationPercentage');
  if (first !== undefined) return `cpu: ${textAt(scaler, 'status', 'currentCPUUtilizationPercentage') || '<unknown>'}%/${textOf(first)}%`.replace('<unknown>%', '<unknown>');
  const current = listAt(scaler, 'status', 'currentMetrics');
  const texts = listAt(scaler, 'spec', 'metrics').map((metric, index) => metricText(metric, current[index]));
  if (texts.length === 0) return NONE;
  return texts.slice(0, MOST_METRICS).join(', ') + (texts.length > MOST_METRICS ? ` + ${texts.length - MOST_METRICS} more...` : '');
}

function metricText(metric: JsonObject, now: JsonObject | undefined): string {
  const source = (textAt(metric, 'type').slice(0, 1).toLowerCase() + textAt(metric, 'type').slice(1));
  const name = source.endsWith('esource') ? `${textAt(metric, source, 'name')}: ` : '';
  const target = objectAt(metric, source, 'target');
  const wanted = target['averageUtilization'] !== undefined ? `${textAt(target, 'averageUtilization')}%` : textAt(target, 'averageValue') !== '' ? textAt(target, 'averageValue') : textAt(target, 'value');
  const current = objectAt(now, source, 'current');
  const measured = target['averageUtilization'] !== undefined ? current['averageUtilization'] === undefined ? '' : `${textAt(current, 'averageUtilization')}%` : textAt(current, 'averageValue') || textAt(current, 'value');
  return `${name}${measured === '' ? '<unknown>' : measured}/${wanted}${textAt(target, 'averageValue') !== '' && !source.endsWith('esource') ? ' (avg)' : ''}`;
}

export const podDisruptionBudgetRules: KindRules = {
  validate: (budget) => {
    const both = valueAt(budget, 'spec', 'minAvailable') !== undefined && valueAt(budget, 'spec', 'maxUnavailable') !== undefined;
    return both ? [invalidValue('spec', objectAt(budget, 'spec'), 'minAvailable and maxUnavailable cannot be both set')] : [];
  },
  columns: [
    NAME,
    column('Min Available', 'Pods that must stay', (budget) => textAt(budget, 'spec', 'minAvailable') || 'N/A'),
    column('Max Unavailable', 'Pods that may go', (budget) => textAt(budget, 'spec', 'maxUnavailable') || 'N/A'),
    count('Allowed Disruptions', 'Pods that may go now', (budget) => numberAt(budget, 'status', 'disruptionsAllowed')),
    AGE,
  ],
};
