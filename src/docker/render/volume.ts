import { formatTimeNs } from '#base/clock.ts';
import type { Volume } from '#container/model/mount.ts';

const NS_PER_S = 1_000_000_000n;

const orNull = (record: Readonly<Record<string, string>>) => (Object.keys(record).length === 0 ? null : record);

/** `GET /volumes/{name}`. Times of volumes are told in whole seconds. */
export function renderVolume(volume: Volume, path: string) {
  return {
    CreatedAt: formatTimeNs((BigInt(volume.createdNs) / NS_PER_S) * NS_PER_S),
    Driver: 'local',
    Labels: orNull(volume.labels),
    Mountpoint: path,
    Name: volume.name,
    Options: orNull(volume.options),
    Scope: 'local',
  };
}
