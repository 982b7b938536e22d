import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { Image } from '#container/model/image.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import { CACHE_FIELD, cacheDocument, parseCacheSteps, renderCacheDocument, type SharedStep } from '../solver/cache-document.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ActiveBuild } from './active-build.ts';
import { layersOfImage, registryCredentials } from './resolve-base.ts';
import { refOf, type ExecutorPorts } from './step-executor.ts';

export interface CacheOption {
  readonly type: string;
  readonly attrs: ReadonlyMap<string, string>;
}

function referenceOf({ type, attrs }: CacheOption): string {
  const ref = attrs.get('ref') ?? '';
  if (ref === '') throw new GantryError('invalid', `ref required for cache type ${type}`);
  return formatReference(withDefaultTag(parseReference(ref)));
}

function refused(type: string, what: string): GantryError {
  return new GantryError('unimplemented', `unknown cache ${what}: ${JSON.stringify(type)}`, { hint: 'use type=registry or type=inline' });
}

/** `--cache-from`. What fails here is told, and the build goes on without it. */
export async function importCache(build: ActiveBuild, options: readonly CacheOption[], ports: ExecutorPorts): Promise<void> {
  for (const option of options) {
    if (option.type !== 'registry' && option.type !== 'inline') {
      await build.progress.around(`importing cache manifest from ${option.type}`, () => Promise.reject(refused(option.type, 'importer'))).catch(() => undefined);
      continue;
    }
    await build.progress.around(`importing cache manifest from ${option.attrs.get('ref') ?? ''}`, () => importFrom(build, referenceOf(option), ports)).catch((thrown: unknown) => {
      if (isKind(thrown, 'interrupted')) throw thrown;
    });
  }
}

async function importFrom(build: ActiveBuild, reference: string, ports: ExecutorPorts): Promise<void> {
  const wasHere = isHere(reference, ports);
  const image = await fetchImage(build, reference, ports);
  const layers = layersOfImage(image);
  const steps = parseCacheSteps(image.configJson, layers.length);
  if (steps === undefined) throw new GantryError('not-found', `${reference} has no build cache`);
  build.hold(image.chainIds);
  for (const { definition, key, description, layers: places } of steps) {
    const chain: LayerRef[] = [];
    for (const place of places) {
      const layer = layers[place] as LayerRef;
      const stacked = await ports.trees.restack(layer.chain as ChainId, chain.map((below) => below.chain as ChainId));
      chain.push(refOf(stacked, BigInt(image.createdNs)));
      build.hold([stacked.chain]);
    }
    await ports.cache.put({ key, result: { kind: 'layers', layers: chain } }, description);
    await ports.cache.alias(definition, key);
  }
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

/** What `type=inline` puts into the config of the image itself. */
export function inlineCache(steps: readonly SharedStep[], layers: readonly LayerRef[]): Readonly<Record<string, unknown>> {
  return { [CACHE_FIELD]: renderCacheDocument(cacheDocument(steps, layers)) };
}

/** `--cache-to type=registry`: an image whose layers are the results of steps, and whose config says which are whose. */
export async function exportCache(build: ActiveBuild, option: CacheOption, target: readonly LayerRef[], ports: ExecutorPorts): Promise<void> {
  if (option.type !== 'registry') throw refused(option.type, 'exporter');
  const reference = referenceOf(option);
  const { engine, trees, sessions } = ports;
  const isMax = option.attrs.get('mode') === 'max';
  const document = isMax ? cacheDocument(build.sharedSteps()) : cacheDocument(build.sharedSteps(), target);
  const vertex = 'exporting cache to registry';
  await build.progress.around(vertex, async (progress) => {
    const stacked: LayerRef[] = [];
    await progress.part('preparing build cache for export', async () => {
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
    const id = await engine.images.add({ configJson, layers: stacked, names: [reference] });
    try {
      const { domain, path, tag = 'latest' } = parseReference(reference);
      const session = build.session === '' ? undefined : await sessions.find(build.session);
      const credentials = await registryCredentials(session, reference);
      await progress.part(`writing cache manifest to ${reference}`, () => engine.images.push({ repository: `${domain}/${path}`, tag, credentials }, () => {}));
    } finally {
      await engine.images.remove(id, { force: true });
    }
  });
}
