import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { Image } from '#container/model/image.ts';
import type { Platform } from '#image/oci/platform.ts';
import { familiarName } from '../../familiar-name.ts';
import { Filters } from '../../filters.ts';
import { listImages } from '../../match/images.ts';
import { checkPlatformObject, parsePlatformList, parsePlatformObject } from '../../lower/platform.ts';
import { renderHistory, renderImage, renderImageSummary } from '../../render/image.ts';
import type { Exchange } from '../exchange.ts';

function world(exchange: Exchange): Parameters<typeof listImages>[2] {
  const { engine, front } = exchange;
  return { images: engine.images.list(), find: (reference) => engine.images.find(reference), configs: front.configs, nowNs: front.clock.nowNs() };
}

/** How many containers use each image. */
export function usesOf(engine: EnginePort): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { spec } of engine.containers.list()) uses.set(spec.image.id, (uses.get(spec.image.id) ?? 0) + 1);
  return uses;
}

/** Bytes of an image's layers that other images have too. */
export function sharedSizes(images: readonly Image[]): (image: Image) => number {
  const holders = new Map<string, number>();
  for (const { chainIds } of images) for (const chain of chainIds) holders.set(chain, (holders.get(chain) ?? 0) + 1);
  return ({ chainIds, layerSizes }) => chainIds.reduce((sum, chain, at) => sum + ((holders.get(chain) ?? 0) > 1 ? (layerSizes[at] ?? 0) : 0), 0);
}

/** `GET /images/json`. */
export function list(exchange: Exchange): void {
  const { engine, front, version } = exchange;
  const filters = Filters.parse(exchange.query.get('filters'));
  if (version < 1041 && exchange.param('filter') !== '') filters.add('reference', exchange.param('filter'));
  const found = listImages(filters, exchange.flag('all'), world(exchange));
  const uses = usesOf(engine);
  const shared = version >= 1042 && exchange.flag('shared-size') ? sharedSizes(engine.images.list()) : () => -1;
  exchange.json(200, found.map((image) => renderImageSummary(image, front.configs.of(image), { containers: uses.get(image.id) ?? 0, sharedSize: shared(image) }, version)));
}

/** `GET /images/{name}/json`. */
export function inspect(exchange: Exchange): void {
  const wanted = platformOf(exchange, 1049);
  if (wanted !== undefined && exchange.version >= 1048 && exchange.flag('manifests')) throw new GantryError('invalid', 'conflicting options: manifests and platform options cannot both be set');
  const image = exchange.engine.images.find(exchange.name);
  const config = exchange.front.configs.of(image);
  checkPlatformObject(exchange.name, config, wanted);
  exchange.json(200, renderImage(image, config, exchange.version));
}

/** `GET /images/{name}/history`. */
export function history(exchange: Exchange): void {
  const wanted = platformOf(exchange, 1048);
  const image = exchange.engine.images.find(exchange.name);
  const config = exchange.front.configs.of(image);
  checkPlatformObject(exchange.name, config, wanted);
  exchange.json(200, renderHistory(image, config));
}

/** The platform that is asked for, by clients that know of the parameter. */
export function platformOf(exchange: Exchange, since: number): Platform | undefined {
  return exchange.version >= since ? parsePlatformObject(exchange.query.getAll('platform')) : undefined;
}

/** `repo` and `tag` of the query; undefined where there is no `repo`. */
export function referenceOf(exchange: Exchange): string | undefined {
  const [repository, tag] = [exchange.param('repo'), exchange.param('tag')];
  if (repository === '') return undefined;
  if (repository.includes('@')) throw new GantryError('invalid', 'cannot import digest reference');
  return tag === '' ? repository : `${repository}:${tag}`;
}

/** The config with the `changes` of the query. Dockerfiles are understood only where there is one: it takes a moment to load. */
export async function changed(config: JsonObject, exchange: Exchange): Promise<JsonObject> {
  const changes = exchange.query.getAll('changes');
  return changes.length === 0 ? config : (await import('../../lower/changes.ts')).applyChanges(config, changes);
}

/** `POST /images/{name}/tag`. */
export async function tag(exchange: Exchange): Promise<void> {
  const target = referenceOf(exchange);
  if (target === undefined) throw new GantryError('invalid', 'invalid reference format', { hint: 'the query names no `repo`' });
  await exchange.engine.images.tag(exchange.name, target);
  exchange.empty(201);
}

function renderRemoved({ untagged, deleted }: { readonly untagged: readonly string[]; readonly deleted: readonly string[] }): Record<string, string>[] {
  return [...untagged.map((name) => ({ Untagged: familiarName(name) })), ...deleted.map((id) => ({ Deleted: id }))];
}

/** `DELETE /images/{name}`. */
export async function remove(exchange: Exchange): Promise<void> {
  if (exchange.name.trim() === '') throw new GantryError('invalid', 'image name cannot be blank');
  const wanted = exchange.version >= 1050 ? parsePlatformList(exchange.query.getAll('platforms')) : undefined;
  if (wanted !== undefined) checkPlatformObject(exchange.name, exchange.front.configs.of(exchange.engine.images.find(exchange.name)), wanted);
  exchange.json(200, renderRemoved(await exchange.engine.images.remove(exchange.name, { force: exchange.flag('force') })));
}

/** `POST /images/prune`: nameless images, or with `dangling=false` all that no container uses. */
export async function prune(exchange: Exchange): Promise<void> {
  const { engine, front } = exchange;
  const filters = Filters.parse(exchange.query.get('filters'));
  filters.accept('dangling', 'label', 'label!', 'until');
  const danglingOnly = filters.flag('dangling', true);
  const wanted = new Filters();
  if (danglingOnly) wanted.add('dangling', 'true');
  for (const value of filters.values('until')) wanted.add('until', value);
  const uses = usesOf(engine);
  const removed: Record<string, string>[] = [];
  let reclaimed = 0;
  for (const image of listImages(wanted, true, world(exchange))) {
    if (uses.has(image.id) || !filters.matchesPruneLabels(front.configs.of(image).config.Labels ?? {})) continue;
    try {
      const result = await engine.images.remove(image.id, { force: true });
      removed.push(...renderRemoved(result));
      // Layers that other images have stay, and so does their space.
      image.chainIds.forEach((chain, at) => { if (result.deleted.includes(chain)) reclaimed += image.layerSizes[at] ?? 0; });
    } catch (thrown) {
      front.log(`prune left image ${image.id.slice(7, 19)}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  // They have no label and no name.
  if (!['label', 'label!', 'until'].some((filter) => filters.has(filter))) reclaimed += await engine.images.dropUnfinished('all');
  engine.events.pruned('image', reclaimed);
  exchange.json(200, { ImagesDeleted: removed.length === 0 ? null : removed, SpaceReclaimed: reclaimed });
}
