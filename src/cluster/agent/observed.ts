import type { Container } from '#container/model/container.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { Resources } from '#container/model/resources.ts';

/** Labels by which tools of Kubernetes know containers of a pod. */
export const LABEL = {
  podName: 'io.kubernetes.pod.name', namespace: 'io.kubernetes.pod.namespace', podUid: 'io.kubernetes.pod.uid', container: 'io.kubernetes.container.name', type: 'io.kubernetes.docker.type', attempt: 'io.kubernetes.container.restartCount',
} as const;
export const SANDBOX_NAME = 'POD';

/** A container of a pod as the engine has it. */
export interface ObservedContainer {
  readonly id: ContainerId;
  /** As the pod calls it; `POD` is the sandbox. */
  readonly name: string;
  /** How often it had been started again before. */
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'going';
  readonly exitCode: number;
  readonly startedMs: number | undefined;
  readonly finishedMs: number | undefined;
  readonly oomKilled: boolean;
  readonly error: string;
  readonly imageId: string;
  readonly address: string | undefined;
  readonly resources: Resources;
}

const STATES: Readonly<Record<Container['state']['phase'], ObservedContainer['state']>> = {
  creating: 'created', created: 'created', starting: 'created', running: 'running', paused: 'running', restarting: 'exited', exited: 'exited', removing: 'going', dead: 'going',
};

export function observe({ spec, state }: Container): ObservedContainer {
  const ms = (ns: string | undefined): number | undefined => ns === undefined ? undefined : Number(BigInt(ns) / 1_000_000n);
  return {
    id: spec.id, name: spec.labels[LABEL.container] ?? '', attempt: Number(spec.labels[LABEL.attempt] ?? 0), state: STATES[state.phase], exitCode: state.exitCode, startedMs: ms(state.startedNs), finishedMs: ms(state.finishedNs),
    oomKilled: state.oomKilled, error: state.error, imageId: spec.image.id, address: state.endpoints[0]?.ipv4?.address ?? state.endpoints[0]?.ipv6?.address, resources: spec.resources,
  };
}

/** The containers of a pod, of all that the engine has. */
export function containersOfPod(containers: readonly Container[], uid: string): ObservedContainer[] {
  return containers.filter(({ spec }) => spec.owner.front === 'cluster' && spec.owner.name === uid).map(observe);
}

/** The newest of each name. */
export function newest(containers: readonly ObservedContainer[], name: string): ObservedContainer | undefined {
  return containers.filter((each) => each.name === name).reduce<ObservedContainer | undefined>((best, each) => best === undefined || each.attempt > best.attempt ? each : best, undefined);
}
