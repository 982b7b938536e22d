import type { Container } from '#container/model/container.ts';
import type { EventLog } from './event-log.ts';

/** Events of a container carry its labels, image and name, as Docker's do. */
export function emitContainer(events: EventLog, container: Container, action: string, extra: Readonly<Record<string, string>> = {}): void {
  const { spec } = container;
  // The steps of a build are its own affair, as with BuildKit.
  if (spec.owner.front === 'build') return;
  events.emit('container', action, spec.id, { ...spec.labels, image: spec.image.reference, name: spec.name, ...extra });
}

/** Volumes that a run takes into use, and lets go of. */
export function emitVolumes(events: EventLog, { spec }: Container, action: 'mount' | 'unmount'): void {
  for (const mount of spec.mounts) {
    if (mount.kind !== 'volume') continue;
    const place = action === 'unmount' ? {} : { destination: mount.target, propagation: '', 'read/write': String(!mount.readonly) };
    events.emit('volume', action, mount.volume, { container: spec.id, driver: 'local', ...place });
  }
}

export function emitNetwork(events: EventLog, container: Container, action: 'connect' | 'disconnect', network: { readonly id: string; readonly name: string; readonly driver: string }): void {
  if (container.spec.owner.front === 'build') return;
  events.emit('network', action, network.id, { container: container.spec.id, name: network.name, type: network.driver });
}
