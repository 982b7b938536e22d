import { formatTimeNs } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import { imageSize, renderImageSummary } from '../../render/image.ts';
import { renderVolume } from '../../render/volume.ts';
import { newestFirst } from '../../match/containers.ts';
import type { Exchange } from '../exchange.ts';
import { networkFinder } from './containers.ts';
import { sharedSizes, usesOf } from './images.ts';
import { volumeUses } from './volumes.ts';

const TYPES = ['container', 'image', 'volume', 'build-cache'];

function imagesPart({ engine, front, version }: Exchange) {
  const images = engine.images.list();
  const uses = usesOf(engine);
  const shared = sharedSizes(images);
  const layers = new Map(images.flatMap(({ chainIds, layerSizes }) => chainIds.map((chain, at): [string, number] => [chain, layerSizes[at] ?? 0])));
  return {
    LayersSize: [...layers.values()].reduce((sum, size) => sum + size, 0),
    Images: images.map((image) => renderImageSummary(image, front.configs.of(image), { containers: uses.get(image.id) ?? 0, sharedSize: shared(image) }, Math.max(version, 1051))),
  };
}

async function containersPart({ engine, front }: Exchange): Promise<string> {
  const context = { findNetwork: networkFinder(engine), pathOfVolume: (name: string) => engine.volumes.pathOf(name), imageIdOf: () => undefined };
  const images = new Map(engine.images.list().map((image) => [image.id, image]));
  const entries: string[] = [];
  for (const container of [...engine.containers.list()].sort(newestFirst)) {
    const image = images.get(container.spec.image.id);
    const writable = await engine.containers.sizeOf(container.spec.id).catch(() => 0);
    const named = { ...context, imageIdOf: (reference: string) => (image !== undefined && reference === container.spec.image.reference ? image.id : undefined) };
    entries.push(front.summaries.json(container, named, front.clock.nowNs(), { SizeRw: writable, SizeRootFs: writable + (image === undefined ? 0 : imageSize(image)) }));
  }
  return `[${entries.join(',')}]`;
}

async function volumesPart({ engine }: Exchange) {
  const uses = volumeUses(engine);
  const parts = [];
  for (const volume of engine.volumes.list()) {
    // -1: nobody knows.
    const size = await engine.volumes.sizeOf(volume.name).catch(() => undefined) ?? -1;
    parts.push({ ...renderVolume(volume, engine.volumes.pathOf(volume.name)), UsageData: { RefCount: uses.get(volume.name) ?? 0, Size: size } });
  }
  return parts;
}

async function buildCachePart({ front }: Exchange) {
  const records = front.builder === undefined ? [] : await (await front.builder()).records();
  return records.map(({ id, kind, description, size, createdNs, usedNs, uses, isInUse, isShared, parents }) => ({
    ID: id, ...(parents.length === 0 ? {} : { Parents: parents }), Type: kind, Description: description, InUse: isInUse, Shared: isShared, Size: size,
    CreatedAt: formatTimeNs(createdNs), LastUsedAt: formatTimeNs(usedNs), UsageCount: uses,
  }));
}

/** `GET /system/df`: parts that were not asked for are null. */
export async function diskUsage(exchange: Exchange): Promise<void> {
  const asked = exchange.version < 1042 ? [] : exchange.query.getAll('type');
  const unknown = asked.find((type) => !TYPES.includes(type));
  if (unknown !== undefined) throw new GantryError('invalid', `unknown object type: ${unknown}`);
  const wants = (type: string): boolean => asked.length === 0 || asked.includes(type);
  const images = wants('image') ? imagesPart(exchange) : { LayersSize: 0, Images: null };
  const containers = wants('container') ? await containersPart(exchange) : 'null';
  const rest = { ...images, Volumes: wants('volume') ? await volumesPart(exchange) : null, BuildCache: wants('build-cache') ? await buildCachePart(exchange) : null };
  exchange.jsonText(200, `${JSON.stringify(rest).slice(0, -1)},"Containers":${containers}}\n`);
}
