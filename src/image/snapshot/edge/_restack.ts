import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';
import type { Hasher } from '#base/hasher.ts';
import { chainId, type ChainId } from '#image/oci/chain-id.ts';
import type { UnpackResult } from '../port.ts';
import type { LayerMeta, LayerStore } from './_layer-store.ts';

/** The same layer above another one. Its files are shared, since those of layers never change; only names are made. */
export async function restack(layers: LayerStore, hasher: Hasher, layer: ChainId, parent: ChainId | undefined): Promise<UnpackResult> {
  const meta = await layers.meta(layer);
  if (meta === undefined) throw new GantryError('not-found', `no such layer: ${layer}`, { subject: `layer ${layer}` });
  const chain = chainId(hasher, parent, meta.diffId);
  const known = await layers.meta(chain);
  if (known !== undefined) return { ...known, readBytes: 0, created: false };
  const path = await layers.beginEmpty();
  try {
    const from = layers.path(layer);
    await copyByLinks(meta.isFromFiles === true ? [join(from, 'diff')] : ['diff', 'recipe', 'replaced'].map((name) => join(from, name)), path);
    const { parent: _parent, ...rest } = meta;
    const stacked: LayerMeta = { ...rest, chain, ...(parent === undefined ? {} : { parent }) };
    const created = await layers.publish(path, stacked);
    return { ...stacked, readBytes: 0, created };
  } catch (thrown) {
    layers.removeTree(path);
    throw thrown;
  }
}

async function copyByLinks(from: readonly string[], to: string): Promise<void> {
  const child = spawn('cp', ['-al', '--', ...from, to], { stdio: 'ignore' });
  const [code] = await once(child, 'exit') as [number | null];
  if (code !== 0) throw new GantryError('internal', `could not stack a layer: cp ended with ${code}`);
  // Names alone are not worth a sync of each: one for the file system.
  const sync = spawn('sync', ['-f', to], { stdio: 'ignore' });
  await once(sync, 'exit');
}
