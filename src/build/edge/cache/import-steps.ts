import type { ChainId } from '#image/oci/chain-id.ts';
import type { LayerInfo } from '#image/snapshot/port.ts';
import type { ReadCacheDocument } from '../../solver/cache-document.ts';
import type { LayerRef } from '../../solver/operation.ts';
import type { ActiveBuild } from '../active-build.ts';
import type { ExecutorPorts } from '../step-executor.ts';
import { seedMounts } from './cache-mount-layers.ts';

/** Puts a layer of the document on top of others. */
export type PlaceLayer = (place: number, below: readonly ChainId[]) => Promise<LayerInfo>;

/** Makes the steps of a document known here. What is known already needs none of its layers. */
export async function importSteps(build: ActiveBuild, document: ReadCacheDocument, placeLayer: PlaceLayer, ports: ExecutorPorts): Promise<void> {
  const place = async (index: number, below: readonly LayerRef[]): Promise<LayerRef> => {
    const { diffId, chain, contentBytes, tarBytes } = await placeLayer(index, below.map((layer) => layer.chain as ChainId));
    build.hold([chain]);
    return { diffId, chain, size: contentBytes, tarSize: tarBytes, ...document.layers[index] };
  };
  for (const { definition, key, description, layers: places } of document.steps) {
    if (await ports.cache.find(key) === undefined) {
      const chain: LayerRef[] = [];
      for (const index of places) chain.push(await place(index, chain));
      await ports.cache.put({ key, result: { kind: 'layers', layers: chain } }, description);
    }
    await ports.cache.alias(definition, key);
  }
  await seedMounts(build, document.mounts, async (index) => {
    const { chain } = await place(index, []);
    // What it held is copied: the layer itself serves nobody.
    build.lend(() => void ports.engine.images.releaseLayers([chain]).catch(() => undefined));
    return chain as ChainId;
  }, ports);
}
