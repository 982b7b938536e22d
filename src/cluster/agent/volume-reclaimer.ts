import type { Clock, Timers } from '#base/clock.ts';
import { messageOf } from '#base/error.ts';
import { isReachable } from '#cluster/controllers/volume-match.ts';
import { LOCAL_PROVISIONER, PROVISIONED_BY, volumeSpec } from '#cluster/controllers/volume-shape.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import { WorkQueue } from '#cluster/loop/work-queue.ts';
import type { NodePort } from './node-port.ts';

export interface ReclaimerParts {
  readonly nodeName: string;
  readonly volumes: ObjectCache;
  readonly nodes: ObjectCache;
  readonly node: Pick<NodePort, 'removeClaimVolume'>;
  /** The directory is gone: the object goes too. */
  readonly forget: (volume: KubeObject) => Promise<void>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

/** Removes volumes of this node whose claims are gone, where their class says Delete. */
export class VolumeReclaimer {
  readonly #parts: ReclaimerParts;
  readonly #queue: WorkQueue;

  constructor(parts: ReclaimerParts) {
    this.#parts = parts;
    this.#queue = new WorkQueue(parts.timers, parts.clock, () => this.#start());
    parts.volumes.onChange((volume) => this.#queue.add(keyOf(volume)));
    // Which volumes are here is known once the node is.
    parts.nodes.onChange(({ metadata }, previous) => {
      if (metadata.name === parts.nodeName && previous === undefined) parts.volumes.list().forEach((volume) => this.#queue.add(keyOf(volume)));
    });
  }

  close(): void {
    this.#queue.close();
  }

  #start(): void {
    for (let key = this.#queue.take(); key !== undefined; key = this.#queue.take()) void this.#work(key);
  }

  async #work(key: string): Promise<void> {
    const volume = this.#parts.volumes.get(undefined, key);
    try {
      if (volume !== undefined && this.#isToGo(volume)) {
        await this.#parts.node.removeClaimVolume(volumeSpec(volume).local?.path ?? '');
        await this.#parts.forget(volume);
      }
      this.#queue.done(key, 'done');
    } catch (thrown) {
      this.#parts.log(`volume ${key}: ${messageOf(thrown)}`);
      this.#queue.done(key, 'failed');
    }
  }

  #isToGo(volume: KubeObject): boolean {
    const node = this.#parts.nodes.get(undefined, this.#parts.nodeName);
    return node !== undefined && volume.metadata.annotations?.[PROVISIONED_BY] === LOCAL_PROVISIONER && volumeSpec(volume).persistentVolumeReclaimPolicy === 'Delete'
      && (volume['status'] as { readonly phase?: string } | undefined)?.phase === 'Released' && isReachable(volume, node);
  }
}
