import type { Timers } from '#base/clock.ts';
import type { HostFacts } from '../facts.ts';
import type { CgroupLayout } from './linux/cgroup-layout.ts';
import type { SealedProgram } from './sealed-program.ts';

/** What the parts of the Linux host share. */
export interface HostContext {
  readonly facts: HostFacts;
  readonly timers: Timers;
  readonly run: string;
  readonly root: string;
  /** The daemon's private mount namespace. */
  readonly mountsFd: number;
  readonly networkFd: number;
  readonly cgroups: CgroupLayout;
  readonly monitorPath: string;
  /** By which crun is executed. */
  readonly sealedCrun: SealedProgram;
  readonly table: string;
  /** Parent of the containers' control groups. */
  readonly cgroup: string;
}

export function runtimeRootOf(context: HostContext): string {
  return `${context.run}/runtime`;
}

export function exitsOf(context: HostContext): string {
  return `${context.run}/exits`;
}

/** A program's environment is this and nothing else: no LD_*, no NODE_OPTIONS. */
export const PROGRAM_ENV: Readonly<Record<string, string>> = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
