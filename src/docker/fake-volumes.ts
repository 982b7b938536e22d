import { GantryError } from '#base/error.ts';
import type { VolumesPort } from '#container/engine/port.ts';
import type { Volume } from '#container/model/mount.ts';
import type { FakeAsked } from './fake-asked.ts';

const CREATED_NS = '1795471946316466636';

/** Volumes in memory, for tests of this front. */
export function fakeVolumes(rows: Map<string, Volume>, asked: FakeAsked): VolumesPort {
  const notFound = (message: string): GantryError => new GantryError('not-found', message);
  const find = (name: string): Volume => {
    const volume = rows.get(name);
    if (volume === undefined) throw notFound(`get ${name}: no such volume`);
    return volume;
  };
  return {
    list: () => [...rows.values()],
    find,
    create: async ({ name, labels, options }) => {
      const volume: Volume = { name: name === '' ? 'f'.repeat(64) : name, createdNs: CREATED_NS, labels, options, anonymous: name === '' };
      rows.set(volume.name, volume);
      return volume;
    },
    remove: async (name) => {
      if (!rows.delete(name)) throw notFound(`get ${name}: no such volume`);
    },
    rename: async (name, to) => {
      const volume = { ...find(name), name: to };
      rows.delete(name);
      rows.set(to, volume);
      return volume;
    },
    clone: async (name, to) => {
      const volume = { ...find(name), name: to };
      rows.set(to, volume);
      return volume;
    },
    export: async (name) => {
      find(name);
      return (async function* () {
        yield new Uint8Array(1024);
      })();
    },
    import: async (_name, tar) => {
      for await (const piece of tar) asked.importBytes = (asked.importBytes ?? 0) + piece.length;
    },
    sizeOf: async () => 4096,
    pathOf: (name) => `/var/lib/gantry/volumes/${name}/_data`,
  };
}
