import { GantryError, isKind, messageOf } from '#base/error.ts';
import { CACHE_FIELD, cacheDocument, renderCacheDocument, withMounts, type SharedStep } from '../../solver/cache-document.ts';
import type { LayerRef } from '../../solver/operation.ts';
import type { ActiveBuild } from '../active-build.ts';
import { mountLayers } from './cache-mount-layers.ts';
import type { CacheOption, CachePorts } from './cache-option.ts';
import { exportToDirectory, importFromDirectory } from './local-cache.ts';
import { exportToRegistry, importFromRegistry, registryReference } from './registry-cache.ts';

function refused(type: string, what: string): GantryError {
  return new GantryError('unimplemented', `unknown cache ${what}: ${JSON.stringify(type)}: caches are kept in registries (type=registry), in images (type=inline) and in directories (type=local)`);
}

function isTrue(text: string | undefined): boolean {
  return ['true', '1', 't'].includes((text ?? '').toLowerCase());
}

/** `--cache-from`. What fails here is told, and the build goes on without it. */
export async function importCache(build: ActiveBuild, options: readonly CacheOption[], ports: CachePorts): Promise<void> {
  for (const option of options) {
    await build.progress.around(`importing cache manifest from ${nameOf(option)}`, () => importOne(build, option, ports)).catch((thrown: unknown) => {
      if (isKind(thrown, 'interrupted') && build.signal.aborted) throw thrown;
    });
  }
}

function nameOf({ type, attrs }: CacheOption): string {
  return attrs.get('ref') ?? (type === 'local' ? `local:${attrs.get('src') ?? ''}` : type);
}

async function importOne(build: ActiveBuild, option: CacheOption, ports: CachePorts): Promise<void> {
  switch (option.type) {
    case 'registry':
    case 'inline': return await importFromRegistry(build, registryReference(option), ports);
    case 'local': return await importFromDirectory(build, option.attrs, ports);
    default: throw refused(option.type, 'importer');
  }
}

/** What `type=inline` puts into the config of the image itself. */
export function inlineCache(steps: readonly SharedStep[], layers: readonly LayerRef[]): Readonly<Record<string, unknown>> {
  return { [CACHE_FIELD]: renderCacheDocument(cacheDocument(steps, [layers])) };
}

/**
 * `--cache-to`: an image whose layers are the results of steps, and whose config says which are whose. `mode=max` has those of
 * all stages, `mounts=true` what cache mounts hold. Answers what the client is told.
 */
export async function exportCache(build: ActiveBuild, option: CacheOption, targets: readonly (readonly LayerRef[])[], ports: CachePorts): Promise<ReadonlyMap<string, string>> {
  const { type, attrs } = option;
  if (type !== 'registry' && type !== 'local') throw refused(type, 'exporter');
  try {
    return await build.progress.around(type === 'registry' ? 'exporting cache to registry' : 'exporting cache to client directory', async (vertex) => {
      const document = await vertex.part('preparing build cache for export', async () => {
        const steps = attrs.get('mode') === 'max' ? cacheDocument(build.sharedSteps()) : cacheDocument(build.sharedSteps(), targets);
        return isTrue(attrs.get('mounts')) ? withMounts(steps, await mountLayers(build, ports)) : steps;
      });
      return type === 'registry' ? await exportToRegistry(build, { reference: registryReference(option), attrs, document, vertex }, ports) : await exportToDirectory(build, { attrs, document, vertex }, ports);
    });
  } catch (thrown) {
    if (!isTrue(attrs.get('ignore-error')) || build.signal.aborted) throw thrown;
    ports.log(`the cache of build ${build.ref} was not exported: ${messageOf(thrown)}`);
    return new Map();
  }
}
