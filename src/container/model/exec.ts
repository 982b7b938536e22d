import type { JsonObject } from '#base/json.ts';
import type { ProcessRef } from './container-state.ts';
import type { ContainerId, ExecId } from './ids.ts';

/** A further process in a running container. */
export interface ExecSpec {
  readonly id: ExecId;
  readonly container: ContainerId;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly terminal: boolean;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly privileged: boolean;
  readonly detachKeys: string;
  readonly front: JsonObject;
}

export interface ExecState {
  readonly phase: 'created' | 'running' | 'exited';
  readonly process?: ProcessRef;
  readonly exitCode?: number;
}

export interface Exec {
  readonly spec: ExecSpec;
  readonly state: ExecState;
}
