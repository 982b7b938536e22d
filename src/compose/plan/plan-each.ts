import type { ObservedContainer } from './observe.ts';
import { PlanBuilder, type Plan } from './plan.ts';
import { labelledDependencies } from './plan-down.ts';
import type { Step } from './step.ts';

/** The same for each container, independent of the others. */
export function planEach(containers: readonly ObservedContainer[], cause: string, step: (container: ObservedContainer) => Step): Plan {
  const builder = new PlanBuilder();
  for (const container of containers) builder.add(step(container), cause);
  return builder.build();
}

/** Starts or restarts containers, each service after those that it depends on. */
export function planInOrder(containers: readonly ObservedContainer[], cause: string, step: (container: ObservedContainer) => Step): Plan {
  const builder = new PlanBuilder();
  const dependencies = labelledDependencies(containers);
  const done = new Map<string, readonly number[]>();
  const visit = (service: string): readonly number[] => {
    const known = done.get(service);
    if (known !== undefined) return known;
    done.set(service, []);
    const before = (dependencies.get(service) ?? []).flatMap(visit);
    const steps = containers.filter((container) => container.service === service).map((container) => builder.add(step(container), cause, before));
    const all = steps.length === 0 ? before : steps;
    done.set(service, all);
    return all;
  };
  for (const service of new Set(containers.map((container) => container.service))) visit(service);
  return builder.build();
}
