import type { Clock } from '#base/clock.ts';
import { GantryError, messageOf } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { Image } from '#container/model/image.ts';
import type { PodContainer } from './pod.ts';
import type { PodEvents } from './pod-events.ts';
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
  readonly events: PodEvents;
  readonly clock: Clock;
}

/** What an image is for: a container, or, without a name, a volume. */
type ImageUse = Pick<PodContainer, 'image' | 'imagePullPolicy'> & { readonly name?: string };

/** The image of a container, pulled where the container's policy asks for that. @throws ImageTrouble */
export async function podImage({ engine, pulls, events, clock }: ImageParts, pod: KubeObject, { image = '', imagePullPolicy, name }: ImageUse): Promise<Image> {
  const present = findImage(engine, image);
  if (present !== undefined && (imagePullPolicy !== 'Always' || pulls.isHeldBack(image))) {
    events.present(pod, image, name);
    return present;
  }
  if (imagePullPolicy === 'Never') throw new ImageTrouble('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`);
  try {
    await events.pulling(pod, image, name);
    const beganMs = clock.monotonicMs();
    const pulled = engine.images.find(await pulls.pull(image));
    events.pulled(pod, image, { ms: clock.monotonicMs() - beganMs, bytes: pulled.layerSizes.reduce((sum, size) => sum + size, 0) }, name);
    return pulled;
  } catch (thrown) {
    // What was built here is in no registry: with it at hand, Always means the newest there is.
    if (present !== undefined) {
      events.present(pod, image, name);
      return present;
    }
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
