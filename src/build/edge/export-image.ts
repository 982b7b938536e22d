import { GantryError } from '#base/error.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { Credentials } from '#image/registry/credentials.ts';
import { renderImageDocument, type FrontendConfig } from '../solver/image-document.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ProgressVertex } from './build-progress.ts';

export interface ExportedImage {
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

/** `type=moby` and `type=image`: the image is the engine's, under its names. */
export async function exportImage(image: ExportedImage, names: readonly string[], ports: ImageExportPorts, vertex: ProgressVertex): Promise<Map<string, string>> {
  const { engine, time, hash } = ports;
  const tags = names.map((name) => ({ name: formatReference(parseReference(name)), tag: formatReference(withDefaultTag(parseReference(name))) }));
  const { configJson, digest } = finishConfig(image, engine, time, hash);
  if (image.layers.length > 0) await vertex.part('exporting layers', async () => {});
  const { predicates, layers } = image;
  // Also none, so that what an earlier build said is not taken for this one's.
  const written = { configJson, layers, names: tags.map(({ tag }) => tag), ...(predicates.length === 0 ? { predicates } : {}) };
  await vertex.part(`writing image ${digest}`, () => engine.images.add(written));
  for (const { name } of tags) await vertex.part(`naming to ${name}`, async () => {});
  // They name the image by its names.
  if (predicates.length > 0) await vertex.part('exporting attestations', () => engine.images.add({ ...written, predicates }));
  let pushed: string | undefined;
  if (ports.push !== undefined) {
    for (const { tag } of tags) {
      const { domain, path, tag: name = 'latest' } = parseReference(tag);
      const credentials = await ports.push(tag);
      await vertex.part(`pushing layers and manifest for ${tag}`, () => engine.images.push({ repository: `${domain}/${path}`, tag: name, credentials }, (step) => {
        if (step.kind === 'pushed') pushed = step.digest;
      }));
    }
  }
  return new Map([
    // By the second others find it: what a registry calls it, where it went to one.
    ['containerimage.config.digest', digest], ['containerimage.digest', pushed ?? digest],
    ...(tags.length === 0 ? [] : [['image.name', tags.map(({ name }) => name).join(',')] as const]),
  ]);
}
