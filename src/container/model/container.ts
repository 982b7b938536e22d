import type { ContainerSpec } from './container-spec.ts';
import type { ContainerState } from './container-state.ts';

/** One row of the engine's table. */
export interface Container {
  readonly spec: ContainerSpec;
  readonly state: ContainerState;
}
