import { GantryError } from '#base/error.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import { digestOfHex } from '#image/oci/digest.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import { renderImageDocument, type FrontendConfig } from '../solver/image-document.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ProgressVertex } from './build-progress.ts';

export interface ExportedImage {
  /** As the client passed it on, or as the frontend made it. */
  readonly frontendConfig: string;
  readonly layers: readonly LayerRef[];
}

/** What exporters ask of the world beside the engine. */
export interface ExportTime {
  readonly nowNs: bigint;
  readonly epochNs: bigint | undefined;
}

/** A finished image config, and its digest. */
export function finishConfig(image: ExportedImage, engine: BuildEngine, { nowNs, epochNs }: ExportTime, hash: (text: string) => string): { readonly configJson: string; readonly digest: string } {
  const frontend = parseFrontendConfig(image.frontendConfig);
  const { configJson } = renderImageDocument(frontend, image.layers, { os: 'linux', architecture: engine.info.facts.architecture }, nowNs, epochNs);
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

/** `type=moby` and `type=image`: the image is the engine's, under its names. */
export async function exportImage(image: ExportedImage, names: readonly string[], ports: { readonly engine: BuildEngine; readonly time: ExportTime; readonly hash: (text: string) => string }, vertex: ProgressVertex): Promise<Map<string, string>> {
  const { engine, time, hash } = ports;
  const full = names.map((name) => formatReference(withDefaultTag(parseReference(name))));
  const { configJson, digest } = finishConfig(image, engine, time, hash);
  await vertex.part('exporting layers', async () => {});
  await vertex.part(`writing image ${digest}`, () => engine.images.add({ configJson, layers: image.layers, names: [] }));
  for (const name of full) await vertex.part(`naming to ${name}`, () => engine.images.add({ configJson, layers: image.layers, names: [name] }));
  return new Map([
    ['containerimage.config.digest', digest], ['containerimage.digest', digest],
    ...(full.length === 0 ? [] : [['image.name', full.join(',')] as const]),
  ]);
}
