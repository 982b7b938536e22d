import type { Volume } from '#container/model/mount.ts';
import type { Filters } from '../filters.ts';

export function listVolumes(volumes: readonly Volume[], filters: Filters, isUsed: (volume: Volume) => boolean): Volume[] {
  filters.accept('dangling', 'name', 'driver', 'label');
  const dangling = filters.has('dangling') ? filters.flag('dangling', false) : undefined;
  return volumes.filter((volume) =>
    filters.matchesExactly('driver', 'local')
    && filters.matches('name', volume.name)
    && filters.matchesLabels('label', volume.labels)
    && (dangling === undefined || dangling === !isUsed(volume)));
}
