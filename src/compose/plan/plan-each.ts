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

/** Starts or restarts containers, each service after those that it depends on. @param stepsOf what is done to one, in turn */
export function planInOrder(containers: readonly ObservedContainer[], cause: string, stepsOf: (container: ObservedContainer) => readonly Step[]): Plan {
  const builder = new PlanBuilder();
  const dependencies = labelledDependencies(containers);
  const done = new Map<string, readonly number[]>();
  const visit = (service: string): readonly number[] => {
    const known = done.get(service);
    if (known !== undefined) return known;
    done.set(service, []);
    const before = (dependencies.get(service) ?? []).flatMap(visit);
    const own = containers.filter((container) => container.service === service);
    const steps = own.flatMap((container) => stepsOf(container).reduce<readonly number[]>((last, step) => [builder.add(step, cause, last)], before));
    const all = steps.length === 0 ? before : steps;
    done.set(service, all);
    return all;
  };
  for (const service of new Set(containers.map((container) => container.service))) visit(service);
  return builder.build();
}
