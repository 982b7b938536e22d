import { GantryError, messageOf } from '#base/error.ts';
import type { Image } from '#container/model/image.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import { CACHE_FIELD, parseCacheDocument, renderCacheDocument, type CacheDocument } from '../../solver/cache-document.ts';
import { readCompression } from '../../solver/compression.ts';
import type { LayerRef } from '../../solver/operation.ts';
import type { ActiveBuild } from '../active-build.ts';
import type { ProgressVertex } from '../build-progress.ts';
import { layersOfImage, registryCredentials } from '../resolve-base.ts';
import { refOf, type ExecutorPorts } from '../step-executor.ts';
import type { CacheOption } from './cache-option.ts';
import { importSteps } from './import-steps.ts';

export function registryReference({ type, attrs }: CacheOption): string {
  const ref = attrs.get('ref') ?? '';
  if (ref === '') throw new GantryError('invalid', `ref required for cache type ${type}`);
  return formatReference(withDefaultTag(parseReference(ref)));
}

export async function importFromRegistry(build: ActiveBuild, reference: string, ports: ExecutorPorts): Promise<void> {
  const wasHere = isHere(reference, ports);
  const image = await fetchImage(build, reference, ports);
  const layers = layersOfImage(image);
  const document = parseCacheDocument(image.configJson, layers.length);
  if (document === undefined) throw new GantryError('not-found', `${reference} has no build cache`);
  build.hold(image.chainIds);
  await importSteps(build, document, async (place, below) => await ports.trees.restack((layers[place] as LayerRef).chain as ChainId, below), ports);
  // The records hold what they need: as an image nobody asked for it.
  if (!wasHere) await ports.engine.images.remove(reference, { force: true });
}

function isHere(reference: string, { engine }: ExecutorPorts): boolean {
  try {
    return engine.images.find(reference) !== undefined;
  } catch {
    return false;
  }
}

/** The registry's, or where it can't be asked, the one that is here. */
async function fetchImage(build: ActiveBuild, reference: string, { engine, sessions }: ExecutorPorts): Promise<Image> {
  const session = build.session === '' ? undefined : await sessions.find(build.session);
  try {
    await engine.images.pull({ reference, credentials: await registryCredentials(session, reference) }, () => {});
    return engine.images.find(reference);
  } catch (thrown) {
    try {
      return engine.images.find(reference);
    } catch {
      throw new GantryError('not-found', `failed to configure registry cache importer: ${messageOf(thrown)}`, { cause: thrown });
    }
  }
}

interface RegistryExport {
  readonly reference: string;
  readonly attrs: ReadonlyMap<string, string>;
  readonly document: CacheDocument;
  readonly vertex: ProgressVertex;
}

/** `type=registry`: pushed as an image that the engine does not have; its layers have to stand on each other for that. */
export async function exportToRegistry(build: ActiveBuild, { reference, attrs, document, vertex }: RegistryExport, { engine, trees, sessions }: ExecutorPorts): Promise<ReadonlyMap<string, string>> {
  const stacked: LayerRef[] = [];
  await vertex.part('stacking layers', async () => {
    for (const layer of document.layers) {
      const placed = await trees.restack(layer.chain as ChainId, stacked.map(({ chain }) => chain as ChainId));
      stacked.push({ ...refOf(placed, 0n), ...(layer.createdNs === undefined ? {} : { createdNs: layer.createdNs }) });
      build.hold([placed.chain]);
    }
  });
  const configJson = JSON.stringify({
    architecture: engine.info.facts.architecture, config: {}, os: 'linux', rootfs: { type: 'layers', diff_ids: stacked.map(({ diffId }) => diffId) }, history: [],
    [CACHE_FIELD]: renderCacheDocument(document),
  });
  const compression = readCompression(attrs);
  const session = build.session === '' ? undefined : await sessions.find(build.session);
  const credentials = await registryCredentials(session, reference);
  const platform = { configJson, layers: stacked, predicates: [], annotations: { manifest: {}, manifestDescriptor: {} } };
  await vertex.part(`writing cache manifest to ${reference}`, () => engine.images.pushIndex({ reference, platforms: [platform], annotations: {}, credentials, ...(compression === undefined ? {} : { compression }) }, () => {}));
  return new Map();
}
