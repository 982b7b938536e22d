import type { Project } from '../model/project.ts';
import type { ObservedContainer } from './observe.ts';
import type { PlanBuilder } from './plan.ts';

export interface StopOptions {
  readonly timeoutSeconds: number | undefined;
  /** Where it is known: its services say what is run in a container before it is stopped. */
  readonly project?: Project | undefined;
}

export function isUp({ state }: ObservedContainer): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

/** The steps by which a container stops; the last one's number. */
export function planStopOf(builder: PlanBuilder, container: ObservedContainer, { timeoutSeconds, project }: StopOptions, cause: string, after: readonly number[]): number {
  const { service, name, id, state } = container;
  const config = project?.services.get(service) ?? project?.disabled.get(service);
  // Nothing can be run in one that is paused or between two starts.
  const hooks = state === 'running' ? config?.pre_stop ?? [] : [];
  const before = hooks.reduce<readonly number[]>((last, hook) => [builder.add({ kind: 'run-hook', service, container: name, hook }, 'pre_stop', last)], after);
  return builder.add({ kind: 'stop-container', service, container: name, id, timeoutSeconds }, cause, before);
}
