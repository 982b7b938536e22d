import { GantryError } from '#base/error.ts';
import { writeArchive } from '#container/engine/image-save.ts';
import type { Hasher } from '#base/hasher.ts';
import { planIndex, planSave } from '#image/oci/archive-save.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { Digest } from '#image/oci/digest.ts';
import { parseImageConfig } from '#image/oci/image-config.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { Snapshots } from '#image/snapshot/port.ts';
import type { NamedTree, TreeSource, TreeWork } from '#image/snapshot/tree-work.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { ProgressVertex } from './build-progress.ts';
import { checkIndexed, finishConfig, isPlain, type Exported, type ExportedImage, type ExportTime } from './export-image.ts';
import { sendDirectory } from './send-directory.ts';
import type { BuildSession } from './session.ts';

export interface FileExportPorts {
  readonly trees: TreeWork;
  readonly snapshots: Pick<Snapshots, 'exportLayer'>;
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
  const saved = finished.map(({ image, configJson }) => {
    const { os, architecture, variant } = parseImageConfig(configJson);
    return {
      configBytes: new TextEncoder().encode(configJson), layers: image.layers.map(({ diffId, tarSize }) => ({ diffId: diffId as Digest, size: tarSize })),
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) }, predicates: image.predicates, annotations: image.annotations,
    };
  });
  const [only] = saved;
  const plan = isPlain(exported) && only !== undefined
    ? { members: planSave([{ configBytes: only.configBytes, layers: only.layers, tags, ...(only.predicates.length === 0 ? {} : { attested: only }) }], hasher), digest: finished[0]?.digest as string }
    : planIndex({ platforms: saved, tags, annotations: (images[0] as ExportedImage).annotations }, hasher);
  const chains = new Map(images.flatMap(({ layers }) => layers.map(({ diffId, chain }) => [diffId, chain] as const)));
  const response = new Map([
    ...(finished.length === 1 ? finished.map(({ digest }) => ['containerimage.config.digest', digest] as const) : []), ['containerimage.digest', plan.digest],
    ...(tags.length === 0 ? [] : [['image.name', names.join(',')] as const]),
  ]);
  await vertex.part('exporting layers', async () => {});
  await vertex.part('sending tarball', () => sendBytes(ports, Object.fromEntries(response), writeArchive(plan.members, (diffId) => snapshots.exportLayer((chains.get(diffId) ?? '') as ChainId))));
  return response;
}

async function sendBytes({ session, exporter }: FileExportPorts, metadata: Readonly<Record<string, string>>, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const call = session.sendBytes(exporter, metadata);
  for await (const data of bytes) for (let at = 0; at < data.length; at += PIECE_BYTES) await call.send({ data: data.subarray(at, at + PIECE_BYTES) });
  call.end();
  for await (const _ of call.messages) { /* the client says nothing until it has all of it */ }
}

const PIECE_BYTES = 1 << 20;
