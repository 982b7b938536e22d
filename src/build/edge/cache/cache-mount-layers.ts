import type { ChainId } from '#image/oci/chain-id.ts';
import type { SharedMount } from '../../solver/cache-document.ts';
import { stepsBelow } from '../../solver/graph.ts';
import type { LayerRef } from '../../solver/operation.ts';
import type { TreeAction } from '#image/snapshot/tree-work.ts';
import type { ActiveBuild } from '../active-build.ts';
import { refOf, type ExecutorPorts } from '../step-executor.ts';
import type { CacheMount } from './cache-mounts.ts';

const DATA = 'data';
/** The whole directory, with what it is itself, as one below the layer's root. */
const COPY_ALL: TreeAction = { kind: 'copy', source: 0, parts: [], pattern: '.', destination: `/${DATA}`, rules: [], unpacks: false, isRequired: true };

/** What the cache mounts of a build hold now, each as a layer: the same content is the same layer. */
export async function mountLayers(build: ActiveBuild, { mounts, trees, engine }: ExecutorPorts): Promise<(Omit<SharedMount, 'layer'> & { readonly layer: LayerRef })[]> {
  const found = new Map<string, Omit<SharedMount, 'layer'> & { readonly layer: LayerRef }>();
  for (const mount of cacheMountsOf(build)) {
    const held = await mounts.lend(mount, build.signal);
    if (held === undefined) continue;
    try {
      const { name, mode, uid, gid, path } = held;
      if (found.has(name)) continue;
      const layer = refOf(await trees.assemble({ base: [], sources: [{ kind: 'directory', path }], actions: [COPY_ALL] }, build.signal), 0n);
      build.hold([layer.chain]);
      build.lend(() => void engine.images.releaseLayers([layer.chain]).catch(() => undefined));
      found.set(name, { name, id: mount.id, mode, uid, gid, layer });
    } finally {
      held.release();
    }
  }
  return [...found.values()];
}

function cacheMountsOf({ results }: ActiveBuild): readonly CacheMount[] {
  const nodes = [...results.values()].flatMap(({ node }) => node ?? []);
  return stepsBelow(nodes).flatMap(({ op }) => (op.kind === 'run' ? op.mounts.filter((mount) => mount.kind === 'cache') : []));
}

/** Mounts that are not here begin with what they held elsewhere. */
export async function seedMounts(build: ActiveBuild, shared: readonly SharedMount[], layerOf: (place: number) => Promise<ChainId>, { mounts, trees }: ExecutorPorts): Promise<void> {
  for (const { name, layer, ...owner } of shared) {
    await mounts.seed(name, owner, async (directory) => await trees.copyOut({ kind: 'layers', chain: [await layerOf(layer)] }, DATA, directory, build.signal), build.signal);
  }
}
