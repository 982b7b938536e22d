import { createHash, type Hash } from 'node:crypto';
import type { ChainId } from '#image/oci/chain-id.ts';
import { STATEMENT_TYPE, type Predicate } from '#image/oci/attestation.ts';
import { byteStringToText } from '#image/oci/tar/byte-string.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import type { TreeAction, TreeSource, TreeWork } from '#image/snapshot/tree-work.ts';
import type { LayerRef } from '../solver/operation.ts';
import { refOf } from './step-executor.ts';

/** As BuildKit calls them in results that are no image. */
const NAMES: Readonly<Record<string, readonly [string, string]>> = { 'https://spdx.dev/Document': ['sbom', '.spdx.json'] };
const PROVENANCE = ['provenance', '.json'] as const;

/** A layer with statements about all files below it, as files beside them. */
export async function statementLayer(layers: readonly LayerRef[], predicates: readonly Predicate[], trees: TreeWork, signal: AbortSignal): Promise<LayerRef> {
  const chain = layers.map((layer) => layer.chain as ChainId);
  const subject = await digestsOf(trees.tar({ kind: 'layers', chain } satisfies TreeSource, signal));
  const actions = predicates.map(({ type, value, part }): TreeAction => ({
    kind: 'write', destination: `/${(NAMES[type] ?? PROVENANCE).join(part === undefined ? '' : `-${part}`)}`, content: JSON.stringify({ _type: STATEMENT_TYPE, predicateType: type, subject, predicate: value }, undefined, 2), mode: 0o644,
  }));
  return refOf(await trees.assemble({ base: chain, sources: [], actions }, signal), 0n);
}

async function digestsOf(tar: AsyncIterable<Uint8Array>): Promise<{ readonly name: string; readonly digest: { readonly sha256: string } }[]> {
  const found: { name: string; digest: { sha256: string } }[] = [];
  let open: { readonly name: string; readonly hash: Hash } | undefined;
  const reader = new TarReader({
    raw: () => undefined,
    entry: (entry) => { open = entry.type === 'file' ? { name: byteStringToText(entry.name), hash: createHash('sha256') } : undefined; },
    data: (bytes) => void open?.hash.update(bytes),
    entryEnd: () => {
      if (open !== undefined) found.push({ name: open.name, digest: { sha256: open.hash.digest('hex') } });
      open = undefined;
    },
  });
  for await (const chunk of tar) reader.push(chunk);
  reader.end();
  return found;
}
