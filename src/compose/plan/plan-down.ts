import { label } from '../value/labels.ts';
import type { ObservedContainer } from './observe.ts';
import { PlanBuilder, type Plan } from './plan.ts';
import { isUp, planStopOf, type StopOptions } from './stop-container.ts';

/** What there is of a project, whether or not its compose files are known. */
export interface ProjectRemains {
  readonly containers: readonly ObservedContainer[];
  /** Services that providers run, each after those that depend on it. */
  readonly provided?: readonly { readonly service: string; readonly provider: string }[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
}

/** The dependencies of a service, as its containers' labels say: they are there without the compose file. */
export function labelledDependencies(containers: readonly ObservedContainer[]): ReadonlyMap<string, readonly string[]> {
  return new Map(containers.map(({ service, labels }) => [service, (labels.get(label.dependsOn) ?? '').split(',').filter((entry) => entry !== '').map((entry) => entry.split(':')[0] as string)]));
}

/** Containers first, who depends before whom it depends on; then what they stood on. */
export function planDown(remains: ProjectRemains, options: StopOptions): Plan {
  const builder = new PlanBuilder();
  const gone = planStops(builder, remains.containers, options, 'the project goes down');
  const removed = remains.containers.map((container) => builder.add(
    { kind: 'remove-container', service: container.service, container: container.name, id: container.id, volumes: true, force: false }, 'the project goes down', gone.get(container.id) ?? [],
  ));
  for (const { service, provider } of remains.provided ?? []) removed.push(builder.add({ kind: 'withdraw-service', service, provider }, 'the project goes down', [...removed]));
  for (const name of remains.networks) builder.add({ kind: 'remove-network', name }, 'no container uses it any more', removed);
  for (const name of remains.volumes) builder.add({ kind: 'remove-volume', name }, 'it was asked for', removed);
  for (const image of remains.images) builder.add({ kind: 'remove-image', image }, 'it was asked for', removed);
  return builder.build();
}

export function planStop(containers: readonly ObservedContainer[], options: StopOptions): Plan {
  const builder = new PlanBuilder();
  planStops(builder, containers, options, 'it was asked for');
  return builder.build();
}

/** Steps by container after which it is stopped. */
function planStops(builder: PlanBuilder, containers: readonly ObservedContainer[], options: StopOptions, cause: string): ReadonlyMap<string, readonly number[]> {
  const dependencies = labelledDependencies(containers);
  const stopped = new Map<string, readonly number[]>();
  const ofService = new Map<string, readonly number[]>();
  const visit = (service: string): readonly number[] => {
    const known = ofService.get(service);
    if (known !== undefined) return known;
    ofService.set(service, []);
    const dependents = [...dependencies].filter(([other, needs]) => other !== service && needs.includes(service)).flatMap(([other]) => visit(other));
    const steps = containers.filter((container) => container.service === service).flatMap((container) => {
      const own = isUp(container) ? [planStopOf(builder, container, options, cause, dependents)] : dependents;
      stopped.set(container.id, own);
      return own;
    });
    const all = steps.length === 0 ? dependents : steps;
    ofService.set(service, all);
    return all;
  };
  for (const service of new Set(containers.map((container) => container.service))) visit(service);
  return stopped;
}
