import type { JsonObject } from '#base/json.ts';
import { dependenciesOf, scaleOf, type Project } from '../model/project.ts';
import type { Service } from '../model/service-kind.ts';
import { labelsOf, metadataOf, type Conversion } from './conversion.ts';
import { someOf, type Manifest } from './manifest.ts';
import { isQualifiedName } from './names.ts';
import type { PodGroup } from './pod-group.ts';
import { podTemplate } from './pod-template.ts';

export interface Workload {
  readonly object: Manifest;
  readonly files: readonly Manifest[];
}

/** What keeps the pods of a group there, or runs them to their end. */
export function workload(conversion: Conversion, group: PodGroup): Workload {
  tellOrder(conversion, group);
  const mode = group.owner.deploy?.mode ?? '';
  if (mode === 'global-job') conversion.findings.refuse(`services.${group.name}.deploy.mode`, 'Kubernetes has no job for every node', 'use replicated-job or global');
  if (isTask(conversion.project, group)) return job(conversion, group);
  tellRestart(conversion, group);
  if (mode === 'global') return longRunning(conversion, group, 'DaemonSet', {});
  const replicas = scaleOf(group.owner);
  // A set of numbered pods names them itself: a service that has a name for its host keeps that.
  if (keepsData(group) && (group.owner.hostname ?? '') === '') return longRunning(conversion, group, 'StatefulSet', { replicas, serviceName: group.name, podManagementPolicy: 'Parallel' });
  return longRunning(conversion, group, 'Deployment', { replicas, strategy: keepsData(group) ? { type: 'Recreate' } : strategy(conversion, group) });
}

function longRunning(conversion: Conversion, group: PodGroup, kind: string, spec: JsonObject): Workload {
  const { template, files } = podTemplate(conversion, group);
  return { files, object: { apiVersion: 'apps/v1', kind, metadata: workloadMetadata(conversion, group), spec: { ...spec, selector: { matchLabels: labelsOf(conversion, group.name) }, template } } };
}

function job(conversion: Conversion, group: PodGroup): Workload {
  const { condition, attempts } = restartOf(group.owner);
  const count = scaleOf(group.owner);
  const { template, files } = podTemplate(conversion, group, condition === 'on-failure' ? 'OnFailure' : 'Never');
  const spec = { backoffLimit: condition === 'on-failure' ? attempts : 0, ...(count > 1 ? { completions: count, parallelism: count } : {}), template };
  return { files, object: { apiVersion: 'batch/v1', kind: 'Job', metadata: workloadMetadata(conversion, group), spec } };
}

function workloadMetadata(conversion: Conversion, { name, owner }: PodGroup): Manifest['metadata'] {
  conversion.names.take('workload', name, `services.${name}`);
  const labels = [...(owner.deploy?.labels ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [key] of labels) if (!isQualifiedName(key)) conversion.findings.warn(`services.${name}.deploy.labels`, `${key} is no name of an annotation: it is left out`);
  return { ...metadataOf(conversion, name, name), annotations: someOf(Object.fromEntries(labels.filter(([key]) => isQualifiedName(key)))) };
}

/** `restart`, or where it says nothing `deploy.restart_policy`; without both, Docker starts a container once. */
function restartOf({ restart = '', deploy }: Service): { readonly condition: string; readonly attempts: number | undefined } {
  const [name = '', count] = restart.split(':');
  if (restart !== '') return { condition: name, attempts: count === undefined ? undefined : Number(count) };
  const { condition = '', max_attempts } = deploy?.restart_policy ?? {};
  return { condition: condition === 'none' ? 'no' : condition, attempts: max_attempts };
}

/** Somebody waits for its end, or the file says that it has one. */
function isTask(project: Project, { name, owner }: PodGroup): boolean {
  const awaited = [...project.services.values()].some((other) => dependenciesOf(other).get(name)?.condition === 'service_completed_successfully');
  return awaited || owner.deploy?.mode === 'replicated-job' || restartOf(owner).condition === 'no';
}

function keepsData({ members }: PodGroup): boolean {
  return members.some(([, { volumes = [] }]) => volumes.some(({ type = 'volume', source = '', read_only }) => type === 'volume' && source !== '' && read_only !== true));
}

function strategy({ findings }: Conversion, { name, owner }: PodGroup): JsonObject | undefined {
  const { update_config: update, rollback_config } = owner.deploy ?? {};
  const path = `services.${name}.deploy`;
  if (rollback_config !== undefined) findings.warn(`${path}.rollback_config`, 'Kubernetes goes back when it is told to: it is left out');
  for (const key of ['delay', 'monitor', 'failure_action', 'max_failure_ratio'] as const) if (update?.[key] !== undefined) findings.warn(`${path}.update_config.${key}`, 'Kubernetes goes on when a pod is ready: it is left out');
  if (update?.order === undefined && update?.parallelism === undefined) return undefined;
  const atOnce = update.parallelism === 0 ? '100%' : update.parallelism ?? 1;
  return { type: 'RollingUpdate', rollingUpdate: update.order === 'start-first' ? { maxSurge: atOnce, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: atOnce } };
}

function tellOrder({ findings }: Conversion, { members, name }: PodGroup): void {
  for (const [member, service] of members) {
    const others = [...dependenciesOf(service)].filter(([other]) => other !== name).map(([other]) => other).toSorted();
    if (others.length > 0) findings.warn(`services.${member}.depends_on`, `Kubernetes starts everything at once, and again what ends: ${member} has to bear that ${others.join(', ')} ${others.length === 1 ? 'is' : 'are'} not there yet`);
  }
}

function tellRestart({ findings }: Conversion, { name, owner }: PodGroup): void {
  if (restartOf(owner).condition === 'on-failure') findings.warn(`services.${name}.restart`, 'Kubernetes starts it again however it ends');
}
