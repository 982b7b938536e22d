import { isKind } from '#base/error.ts';
import type { SeededRandom } from '#base/seeded-random.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { isDeleted } from './owned.ts';
import { isFinished, isReady, phaseOf, specOf } from './pod-shape.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

export interface Fate {
  /** Of 256 running pods so many end well at a step, and so many badly. */
  readonly succeeds: number;
  readonly fails: number;
  /** Of 256 pods so many take a step at all. */
  readonly pace: number;
}

/** Nodes that take pods, start them, end them by chance, and let them go when they are deleted. */
export class SimulatedNodes {
  /** Pods that ended while a finalizer held them: those that somebody counts. */
  readonly succeeded = new Set<string>();
  readonly failed = new Set<string>();
  readonly #cluster: SimulatedCluster;
  readonly #random: SeededRandom;

  constructor(cluster: SimulatedCluster, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** Each pod takes its next step, or waits for another time. */
  async step({ succeeds, fails, pace }: Fate): Promise<void> {
    for (const pod of await this.#cluster.list('pods')) {
      const [drawn = 0, fate = 0] = this.#random.bytes(2);
      if (drawn >= pace) continue;
      await this.#next(pod, succeeds, fails, fate).catch((thrown: unknown) => {
        // A controller changed it at the same time: the next step sees that.
        if (!isKind(thrown, 'conflict', 'not-found')) throw thrown;
      });
    }
  }

  async #next(pod: KubeObject, succeeds: number, fails: number, fate: number): Promise<void> {
    const { name } = pod.metadata;
    if (isDeleted(pod)) await this.#cluster.release(name);
    else if ((specOf<{ nodeName?: string }>(pod).nodeName ?? '') === '') await this.#cluster.bind(name, targetOf(pod) ?? 'node');
    else if (phaseOf(pod) === 'Pending') await this.#status(pod, 'Running', false);
    else if (!isFinished(pod) && !isReady(pod)) await this.#status(pod, 'Running', true);
    else if (!isFinished(pod) && fate < succeeds + fails) await this.#end(pod, fate < succeeds);
  }

  async #end(pod: KubeObject, isWell: boolean): Promise<void> {
    await this.#status(pod, isWell ? 'Succeeded' : 'Failed', false, { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: isWell ? 0 : 1, finishedAt: this.#cluster.now() } } }] });
    if ((pod.metadata.finalizers ?? []).length > 0) (isWell ? this.succeeded : this.failed).add(pod.metadata.uid);
  }

  async #status(pod: KubeObject, phase: string, isUp: boolean, more: object = {}): Promise<void> {
    await this.#cluster.change('pods', pod.metadata.name, (current) => ({ ...current, status: { phase, startTime: current.metadata.creationTimestamp, podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: isUp ? 'True' : 'False', lastTransitionTime: this.#cluster.now() }], ...more } }), 'status');
  }
}

/** The one node that an affinity names, as daemons have it. */
function targetOf(pod: KubeObject): string | undefined {
  const { affinity } = specOf<{ affinity?: { nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: readonly { matchFields?: readonly { values?: readonly string[] }[] }[] } } } }>(pod);
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0];
}
