import { GantryError } from '#base/error.ts';
import type { EnginePort } from '#container/engine/port.ts';
import { Filters } from '../../filters.ts';
import { listVolumes } from '../../match/volumes.ts';
import { renderVolume } from '../../render/volume.ts';
import { VOLUME_CREATE } from '../../wire/volume-create.ts';
import type { Exchange } from '../exchange.ts';
import { noSwarm } from './refused.ts';

/** How many containers, running or not, mount each volume. */
export function volumeUses(engine: EnginePort): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { spec } of engine.containers.list()) {
    for (const mount of spec.mounts) if (mount.kind === 'volume') uses.set(mount.volume, (uses.get(mount.volume) ?? 0) + 1);
  }
  return uses;
}

export function list(exchange: Exchange): void {
  const { engine } = exchange;
  const uses = volumeUses(engine);
  const found = listVolumes(engine.volumes.list(), Filters.parse(exchange.query.get('filters')), ({ name }) => uses.has(name));
  exchange.json(200, { Volumes: found.map((volume) => renderVolume(volume, engine.volumes.pathOf(volume.name))), Warnings: null });
}

export function inspect(exchange: Exchange): void {
  const { engine } = exchange;
  const volume = engine.volumes.find(exchange.name);
  exchange.json(200, renderVolume(volume, engine.volumes.pathOf(volume.name)));
}

export async function create(exchange: Exchange): Promise<void> {
  const { engine } = exchange;
  const { Name, Driver, DriverOpts, Labels, ClusterVolumeSpec } = VOLUME_CREATE.decode((await exchange.body()) ?? null, '');
  if (ClusterVolumeSpec !== null) return await noSwarm(exchange);
  if (Driver !== '' && Driver !== 'local') {
    throw new GantryError('not-found', `create ${Name}: error looking up volume plugin ${Driver}: plugin "${Driver}" not found`);
  }
  const volume = await engine.volumes.create({ name: Name, labels: Labels ?? {}, options: DriverOpts ?? {} });
  exchange.json(201, renderVolume(volume, engine.volumes.pathOf(volume.name)));
}

export async function remove(exchange: Exchange): Promise<void> {
  await exchange.engine.volumes.remove(exchange.name, { force: exchange.flag('force') });
  exchange.empty(204);
}

/** `POST /volumes/prune`: anonymous volumes that nothing mounts; before 1.42, or with `all`, named ones too. */
export async function prune(exchange: Exchange): Promise<void> {
  const { engine, front, version } = exchange;
  const filters = Filters.parse(exchange.query.get('filters'));
  filters.accept('label', 'label!', 'all');
  const all = version < 1042 || filters.flag('all', false);
  const uses = volumeUses(engine);
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const { name, anonymous, labels } of engine.volumes.list()) {
    if (uses.has(name) || !(all || anonymous) || !filters.matchesPruneLabels(labels)) continue;
    try {
      const size = await engine.volumes.sizeOf(name) ?? 0;
      await engine.volumes.remove(name, { force: false });
      deleted.push(name);
      reclaimed += size;
    } catch (thrown) {
      front.log(`prune left volume ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  engine.events.pruned('volume', reclaimed);
  exchange.json(200, { VolumesDeleted: deleted, SpaceReclaimed: reclaimed });
}
