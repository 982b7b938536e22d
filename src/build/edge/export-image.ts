import { GantryError } from '#base/error.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { TransferStep } from '#container/engine/transfer.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { Credentials } from '#image/registry/credentials.ts';
import type { Compression } from '../solver/compression.ts';
import { isAnnotated, type ImageAnnotations } from '../solver/image-annotations.ts';
import { renderImageDocument, type FrontendConfig } from '../solver/image-document.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ProgressVertex } from './build-progress.ts';

export interface ExportedImage {
  /** As `linux/arm64`. */
  readonly platform: string;
  readonly annotations: ImageAnnotations;
  /** As the client passed it on, or as the frontend made it. */
  readonly frontendConfig: string;
  readonly layers: readonly LayerRef[];
  /** What is said about it. */
  readonly predicates: readonly Predicate[];
  /** Further fields of the config. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** What exporters ask of the world beside the engine. */
export interface ExportTime {
  readonly nowNs: bigint;
  readonly epochNs: bigint | undefined;
}

/** A finished image config, and its digest. */
export function finishConfig(image: ExportedImage, engine: BuildEngine, { nowNs, epochNs }: ExportTime, hash: (text: string) => string): { readonly configJson: string; readonly digest: string } {
  const frontend = parseFrontendConfig(image.frontendConfig);
  const rendered = renderImageDocument(frontend, image.layers, { os: 'linux', architecture: engine.info.facts.architecture }, nowNs, epochNs);
  const configJson = image.extra === undefined ? rendered.configJson : JSON.stringify({ ...JSON.parse(rendered.configJson) as object, ...image.extra });
  return { configJson, digest: digestOfHex(hash(configJson)) };
}

function parseFrontendConfig(json: string): FrontendConfig {
  if (json === '') return {};
  try {
    return JSON.parse(json) as FrontendConfig;
  } catch (cause) {
    throw new GantryError('invalid', 'the config of the image is no JSON', { cause });
  }
}

export interface ImageExportPorts {
  readonly engine: BuildEngine;
  readonly time: ExportTime;
  readonly hash: (text: string) => string;
  /** Set where the image is to be pushed too: what the client has for the registry of a name. */
  readonly push?: (reference: string) => Promise<Credentials>;
}

/** What an exporter writes: an image, or one for each platform. */
export interface Exported {
  readonly images: readonly ExportedImage[];
  /** Full names, as the client has them. */
  readonly names: readonly string[];
  readonly compression?: Compression;
}

/** Whether it takes an index, or a manifest with more than layers. */
export function isPlain({ images }: Exported): boolean {
  return images.length === 1 && images.every(({ annotations }) => !isAnnotated(annotations));
}

/** Throws `invalid` where annotations are for an index that there won't be. */
export function checkIndexed({ images }: Exported): void {
  const [only] = images;
  if (only === undefined || images.length > 1 || only.predicates.length > 0) return;
  const { index, indexDescriptor, manifestDescriptor } = only.annotations;
  if ([index, indexDescriptor, manifestDescriptor].some((place) => Object.keys(place).length > 0)) {
    throw new GantryError('invalid', 'index annotations not supported for single platform export', { hint: 'Annotate the manifest, or build for several platforms or with attestations: these make an index.' });
  }
}

/** `type=moby` and `type=image`: the image is the engine's, under its names. Of several platforms that is the machine's own, or the first. */
export async function exportImage(exported: Exported, ports: ImageExportPorts, vertex: ProgressVertex): Promise<Map<string, string>> {
  const { engine, time, hash } = ports;
  const { images, names } = exported;
  if (ports.push !== undefined) checkIndexed(exported);
  const own = `linux/${engine.info.facts.architecture}`;
  const image = images.find(({ platform }) => platform === own) ?? images[0];
  if (image === undefined) throw new GantryError('internal', 'there is no image to export');
  const tags = names.map((name) => ({ name: formatReference(parseReference(name)), tag: formatReference(withDefaultTag(parseReference(name))) }));
  const { configJson, digest } = finishConfig(image, engine, time, hash);
  if (image.layers.length > 0) await vertex.part('exporting layers', async () => {});
  const { predicates, layers } = image;
  // Also none, so that what an earlier build said is not taken for this one's.
  const written = { configJson, layers, names: tags.map(({ tag }) => tag), ...(predicates.length === 0 ? {} : { predicates }) };
  await vertex.part(images.length === 1 ? `writing image ${digest}` : `writing image ${digest}, of ${image.platform} alone`, () => engine.images.add(written));
  for (const { name } of tags) await vertex.part(`naming to ${name}`, async () => {});
  // They name the image by its names.
  if (predicates.length > 0) await vertex.part('exporting attestations', () => engine.images.add({ ...written, predicates }));
  let pushed: string | undefined;
  const { push } = ports;
  if (push !== undefined) for (const { tag } of tags) {
    const credentials = await push(tag);
    await vertex.part(`pushing layers and manifest for ${tag}`, () => pushOne(exported, tag, credentials, ports, (bytes) => { pushed = bytes; }));
  }
  return new Map([
    // By the second others find it: what a registry calls it, where it went to one.
    ...(images.length === 1 ? [['containerimage.config.digest', digest] as const] : []), ['containerimage.digest', pushed ?? digest],
    ...(tags.length === 0 ? [] : [['image.name', tags.map(({ name }) => name).join(',')] as const]),
  ]);
}

async function pushOne(exported: Exported, tag: string, credentials: Credentials, { engine, time, hash }: ImageExportPorts, tell: (digest: string) => void): Promise<void> {
  const progress = (step: TransferStep): void => {
    if (step.kind === 'pushed') tell(step.digest);
  };
  const { compression } = exported;
  if (isPlain(exported) && compression === undefined) {
    const { domain, path, tag: name = 'latest' } = parseReference(tag);
    await engine.images.push({ repository: `${domain}/${path}`, tag: name, credentials }, progress);
    return;
  }
  const platforms = exported.images.map((image) => ({ configJson: finishConfig(image, engine, time, hash).configJson, layers: image.layers, predicates: image.predicates, annotations: image.annotations }));
  await engine.images.pushIndex({ reference: tag, platforms, annotations: exported.images[0]?.annotations.index ?? {}, credentials, ...(compression === undefined ? {} : { compression }) }, progress);
}
