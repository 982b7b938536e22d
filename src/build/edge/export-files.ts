import { GantryError } from '#base/error.ts';
import { writeArchive } from '#container/engine/image-save.ts';
import type { Hasher } from '#base/hasher.ts';
import { planIndex, planSave, type SavedLayer } from '#image/oci/archive-save.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { Digest } from '#image/oci/digest.ts';
import { parseImageConfig } from '#image/oci/image-config.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { LayerCompression, Snapshots } from '#image/snapshot/port.ts';
import type { NamedTree, TreeSource, TreeWork } from '#image/snapshot/tree-work.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ProgressVertex } from './build-progress.ts';
import { checkIndexed, finishConfig, isPlain, type Exported, type ExportedImage, type ExportTime } from './export-image.ts';
import { layerBlob } from './layer-blobs.ts';
import { sendDirectory } from './send-directory.ts';
import type { BuildSession } from './session.ts';

export interface FileExportPorts {
  readonly trees: TreeWork;
  readonly snapshots: Pick<Snapshots, 'exportLayer' | 'compressLayer'>;
  readonly engine: BuildEngine;
  readonly hasher: Hasher;
  readonly hash: (text: string) => string;
  readonly session: BuildSession;
  /** The exporter's place among those of the request, by which the client knows it. */
  readonly exporter: string;
  readonly signal: AbortSignal;
}

/** `type=local`: the files as a directory of the client. */
export async function exportLocal(source: TreeSource | readonly NamedTree[], { trees, session, exporter, signal }: FileExportPorts, vertex: ProgressVertex): Promise<void> {
  await vertex.part('copying files', () => sendDirectory(session.sendDirectory(exporter), () => trees.tar(source, signal)));
}

/** `type=tar`: the files as a tar. */
export async function exportTar(source: TreeSource | readonly NamedTree[], ports: FileExportPorts, vertex: ProgressVertex): Promise<void> {
  await vertex.part('sending tarball', () => sendBytes(ports, {}, ports.trees.tar(source, ports.signal)));
}

/** `type=oci` and `type=docker`: an archive that is both, as of `docker save`; an OCI layout alone where it has an index or annotations. */
export async function exportArchive(type: 'oci' | 'docker', exported: Exported, time: ExportTime, ports: FileExportPorts, vertex: ProgressVertex): Promise<Map<string, string>> {
  const { engine, snapshots, hasher, hash } = ports;
  const { images, names } = exported;
  if (type === 'docker' && images.length > 1) throw new GantryError('unimplemented', 'docker exporter does not currently support exporting manifest lists', { hint: 'Use -o type=oci, which docker load takes too.' });
  checkIndexed(exported);
  const tags = names.map((name) => formatReference(withDefaultTag(parseReference(name))));
  const finished = images.map((image) => ({ image, ...finishConfig(image, engine, time, hash) }));
  // What reads archives of docker save takes only layers as they are.
  const compression = type === 'docker' ? 'none' : exported.compression?.kind ?? 'none';
  const saved = await vertex.part('exporting layers', () => Promise.all(finished.map(async ({ image, configJson }) => {
    const { os, architecture, variant } = parseImageConfig(configJson);
    return {
      configBytes: new TextEncoder().encode(configJson), layers: await savedLayers(image.layers, compression, snapshots),
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) }, predicates: image.predicates, annotations: image.annotations,
    };
  })));
  const [only] = saved;
  const plan = isPlain(exported) && only !== undefined && compression === 'none'
    ? { members: planSave([{ configBytes: only.configBytes, layers: only.layers, tags, ...(only.predicates.length === 0 ? {} : { attested: only }) }], hasher), digest: finished[0]?.digest as string }
    : planIndex({ platforms: saved, tags, annotations: (images[0] as ExportedImage).annotations }, hasher);
  const chains = new Map(images.flatMap(({ layers }) => layers.map(({ diffId, chain }) => [diffId, chain] as const)));
  const response = new Map([
    ...(finished.length === 1 ? finished.map(({ digest }) => ['containerimage.config.digest', digest] as const) : []), ['containerimage.digest', plan.digest],
    ...(tags.length === 0 ? [] : [['image.name', names.join(',')] as const]),
  ]);
  await vertex.part('sending tarball', () => sendBytes(ports, Object.fromEntries(response), writeArchive(plan.members, (diffId) => layerBytes((chains.get(diffId) ?? '') as ChainId, compression, snapshots))));
  return response;
}

/** One after the other: each takes a process and both processors. */
async function savedLayers(layers: readonly LayerRef[], compression: LayerCompression, snapshots: FileExportPorts['snapshots']): Promise<SavedLayer[]> {
  const saved: SavedLayer[] = [];
  for (const layer of layers) {
    const named = { diffId: layer.diffId as Digest, size: layer.tarSize };
    saved.push(compression === 'none' ? named : { ...named, blob: await layerBlob(layer, compression, snapshots) });
  }
  return saved;
}

function layerBytes(chain: ChainId, compression: LayerCompression, snapshots: FileExportPorts['snapshots']): AsyncIterable<Uint8Array> {
  return compression === 'none' ? snapshots.exportLayer(chain) : snapshots.compressLayer(chain, compression).bytes;
}

async function sendBytes({ session, exporter }: FileExportPorts, metadata: Readonly<Record<string, string>>, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const call = session.sendBytes(exporter, metadata);
  for await (const data of bytes) for (let at = 0; at < data.length; at += PIECE_BYTES) await call.send({ data: data.subarray(at, at + PIECE_BYTES) });
  call.end();
  for await (const _ of call.messages) { /* the client says nothing until it has all of it */ }
}

const PIECE_BYTES = 1 << 20;
