import { durationText } from '#cluster/kinds/special-decode.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import { containerNamed, specOf } from './pod.ts';

export interface EventWrites {
  /** @param fieldPath what of the pod it is about: `spec.containers{web}` */
  event(pod: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string): Promise<void>;
}

type Type = 'Normal' | 'Warning';

/** What the agent tells of a pod's containers, by the reasons and in the words of upstream's (pkg/kubelet/events, 1.36). */
export class PodEvents {
  readonly #writes: EventWrites;
  /** Runs after which it was told that the next one waits. */
  readonly #heldBack = new Set<ContainerId>();

  constructor(writes: EventWrites) {
    this.#writes = writes;
  }

  async tell(pod: KubeObject, type: Type, reason: string, message: string, container?: string): Promise<void> {
    await this.#writes.event(pod, type, reason, message, container === undefined ? undefined : fieldPathOf(pod, container));
  }

  /** What nobody waits for: a start is not held up by the word of it. */
  #note(pod: KubeObject, reason: string, message: string, container: string | undefined): void {
    this.tell(pod, 'Normal', reason, message, container).catch(() => {});
  }

  async pulling(pod: KubeObject, image: string, container?: string): Promise<void> {
    await this.tell(pod, 'Normal', 'Pulling', `Pulling image "${image}"`, container);
  }

  pulled(pod: KubeObject, image: string, { ms, bytes }: { readonly ms: number; readonly bytes: number }, container?: string): void {
    const took = durationText(BigInt(Math.round(ms)) * 1_000_000n);
    this.#note(pod, 'Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${bytes} bytes.`, container);
  }

  present(pod: KubeObject, image: string, container?: string): void {
    this.#note(pod, 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`, container);
  }

  created(pod: KubeObject, container: string): void {
    this.#note(pod, 'Created', 'Container created', container);
  }

  started(pod: KubeObject, container: string): void {
    this.#note(pod, 'Started', 'Container started', container);
  }

  async stopping(pod: KubeObject, container: string, why: string): Promise<void> {
    await this.tell(pod, 'Normal', 'Killing', killing(pod, container, why), container);
  }

  /** @param reason what its status says of it, `ErrImagePull` or the like */
  async failed(pod: KubeObject, container: string, { reason, message, failures }: { readonly reason: string; readonly message: string; readonly failures: number }): Promise<void> {
    const { image = '' } = containerNamed(pod, container) ?? {};
    switch (reason) {
      case 'FailedCreatePodSandBox': return await this.tell(pod, 'Warning', reason, `Failed to create pod sandbox: ${message}`);
      case 'ErrImageNeverPull':
        await this.tell(pod, 'Warning', reason, message, container);
        return await this.tell(pod, 'Warning', 'Failed', `Error: ${reason}`, container);
      case 'ErrImagePull': case 'ImagePullBackOff':
        await this.tell(pod, 'Warning', 'Failed', message, container);
        await this.tell(pod, 'Warning', 'Failed', 'Error: ErrImagePull', container);
        if (failures === 1) return;
        await this.tell(pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, container);
        return await this.tell(pod, 'Warning', 'Failed', 'Error: ImagePullBackOff', container);
      default: return await this.tell(pod, 'Warning', 'Failed', `Error: ${message}`, container);
    }
  }

  /** Once for each run that ended. */
  async backOff(pod: KubeObject, container: string, run: ContainerId): Promise<void> {
    if (this.#heldBack.has(run)) return;
    this.#heldBack.add(run);
    const { name, namespace, uid } = pod.metadata;
    await this.tell(pod, 'Warning', 'BackOff', `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`, container);
  }

  forget(run: ContainerId): void {
    this.#heldBack.delete(run);
  }
}

function fieldPathOf(pod: KubeObject, name: string): string | undefined {
  const spec = specOf(pod);
  for (const list of ['containers', 'initContainers', 'ephemeralContainers'] as const) if (spec[list]?.some((each) => each.name === name) === true) return `spec.${list}{${name}}`;
  return undefined;
}

function killing(pod: KubeObject, container: string, why: string): string {
  const [, probe] = /^its (liveness|startup) probe failed$/.exec(why) ?? [];
  if (probe !== undefined) return `Container ${container} failed ${probe} probe${(containerNamed(pod, container)?.restartPolicy ?? specOf(pod).restartPolicy) === 'Never' ? '' : ', will be restarted'}`;
  if (why === 'FailedPostStartHook') return why;
  return why === 'it is to have other resources' ? `Container ${container} resize requires restart` : `Stopping container ${container}`;
}
