import { GantryError, messageOf } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { Image } from '#container/model/image.ts';
import type { PodContainer } from './pod.ts';
import type { SharedPulls } from './shared-pulls.ts';

/** Why a container has no image, in upstream's words for it. */
export class ImageTrouble extends GantryError {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super('not-found', message);
    this.reason = reason;
  }
}

export interface ImageParts {
  readonly engine: EnginePort;
  readonly pulls: SharedPulls;
  readonly writes: { event(pod: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> };
}

/** The image of a container, pulled where the container's policy asks for that. @throws ImageTrouble */
export async function podImage({ engine, pulls, writes }: ImageParts, pod: KubeObject, { image = '', imagePullPolicy }: Pick<PodContainer, 'image' | 'imagePullPolicy'>): Promise<Image> {
  const present = findImage(engine, image);
  if (present !== undefined && (imagePullPolicy !== 'Always' || pulls.isHeldBack(image))) return present;
  if (imagePullPolicy === 'Never') throw new ImageTrouble('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`);
  try {
    await writes.event(pod, 'Normal', 'Pulling', `Pulling image "${image}"`);
    return engine.images.find(await pulls.pull(image));
  } catch (thrown) {
    // What was built here is in no registry: with it at hand, Always means the newest there is.
    if (present !== undefined) return present;
    throw new ImageTrouble('ErrImagePull', `Failed to pull image "${image}": ${messageOf(thrown)}`);
  }
}

function findImage(engine: EnginePort, reference: string): Image | undefined {
  try {
    return engine.images.find(reference);
  } catch {
    return undefined;
  }
}
