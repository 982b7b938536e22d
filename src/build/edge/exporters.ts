import { GantryError } from '#base/error.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { Credentials } from '#image/registry/credentials.ts';
import type { NamedTree, TreeSource } from '#image/snapshot/tree-work.ts';
import { readAttestationRequest, type AttestationRequest } from '../solver/attest/attestation-request.ts';
import { readCompression } from '../solver/compression.ts';
import { readAnnotations } from '../solver/image-annotations.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ActiveBuild, FrontendResult } from './active-build.ts';
import { statementLayer } from './attestation-files.ts';
import { makePredicates, type AttestedResult } from './attestations.ts';
import type { ServicePorts, SolvedResults, SolveRequest } from './build-service.ts';
import { exportCache, inlineCache } from './cache/cache-transfer.ts';
import { exportArchive, exportLocal, exportTar, type FileExportPorts } from './export-files.ts';
import { exportImage, type ExportedImage, type ExportTime } from './export-image.ts';
import { epochOf } from './frontend-options.ts';
import { registryCredentials } from './resolve-base.ts';
import { refOf, sourceOf } from './step-executor.ts';

/** Runs what is needed for the results, and hands them to each exporter that was asked for. */
export async function exportResults(build: ActiveBuild, { results, metadata }: SolvedResults, request: SolveRequest, ports: ServicePorts, epochSeconds: number | undefined): Promise<Map<string, string>> {
  const response = new Map<string, string>();
  // What the answer to a `--call` holds is for the client alone.
  for (const [key, value] of metadata) if (key.startsWith('result.')) response.set(key, Buffer.from(value).toString('base64'));
  const exporters = request.exporters.length > 0 ? request.exporters
    : request.exporterDeprecated === '' ? [] : [{ type: request.exporterDeprecated, attrs: request.exporterAttrsDeprecated }];
  const solved = await Promise.all(results.map(async (result) => ({ result, files: await build.evaluate(result) })));
  const images = solved.map(({ result, files }): SolvedImage => {
    if (files.kind !== 'layers') throw new GantryError('internal', 'the result of a build is no image');
    return { result, layers: files.layers, frontendConfig: configOf(metadata, result.platform) ?? result.configJson };
  });
  const cacheExports = request.cache?.exports ?? [];
  const isInline = cacheExports.some(({ type }) => type === 'inline');
  for (const [index, exporter] of exporters.entries()) {
    const exported: ExportedImage[] = [];
    // A build without a Dockerfile's result is an image of nothing, as with BuildKit.
    for (const image of images.length === 0 ? [NOTHING] : images) exported.push(await imageFor(build, { image, exporter, request, epochSeconds, isInline }, ports));
    const more = await exportOne(build, { images: exported, exporter, index, epochSeconds }, ports);
    for (const [key, value] of more) response.set(key, value);
  }
  for (const option of cacheExports) {
    const more = option.type === 'inline' ? new Map<string, string>() : await exportCache(build, option, images.map(({ layers }) => layers), ports);
    for (const [key, value] of more) response.set(key, value);
  }
  return response;
}

type Exporter = SolveRequest['exporters'][number];

interface SolvedImage {
  readonly result: FrontendResult | undefined;
  readonly layers: readonly LayerRef[];
  readonly frontendConfig: string;
}

const NOTHING: SolvedImage = { result: undefined, layers: [], frontendConfig: '' };

interface ImageRequest {
  readonly image: SolvedImage;
  readonly exporter: Exporter;
  readonly request: SolveRequest;
  readonly epochSeconds: number | undefined;
  readonly isInline: boolean;
}

/** A result as the exporter is to write it: its times rewritten, with what is said about it. */
async function imageFor(build: ActiveBuild, { image, exporter, request, epochSeconds, isInline }: ImageRequest, ports: ServicePorts): Promise<ExportedImage> {
  const { result, frontendConfig } = image;
  const epochNs = epochNsOf(exporter, epochSeconds);
  const layers = await exportedLayers(build, exporter, image.layers, epochNs, ports);
  const platform = result?.platform ?? '';
  const predicates = result === undefined ? [] : await predicatesFor(build, exporter, readAttestationRequest(request.frontendAttrs), { result, layers, names: namesOf(exporter), attributes: request.frontendAttrs, epochNs, version: ports.version }, ports);
  return { platform, frontendConfig, layers, predicates, annotations: readAnnotations(exporter.attrs, platform), ...(isInline ? { extra: inlineCache(build.sharedSteps(), image.layers) } : {}) };
}

interface Export {
  readonly images: readonly ExportedImage[];
  readonly exporter: Exporter;
  readonly index: number;
  readonly epochSeconds: number | undefined;
}

async function exportOne(build: ActiveBuild, { images, exporter, index, epochSeconds }: Export, ports: ServicePorts): Promise<ReadonlyMap<string, string>> {
  const { progress } = build;
  const { type } = exporter;
  const time: ExportTime = { nowNs: ports.clock.nowNs(), epochNs: epochNsOf(exporter, epochSeconds) };
  const compression = readCompression(exporter.attrs);
  const exported = { images, names: namesOf(exporter), ...(compression === undefined ? {} : { compression }) };
  const toClient = async (): Promise<FileExportPorts> => ({ ...ports, session: await ports.sessions.find(build.session), exporter: String(index), signal: build.signal });
  switch (type) {
    case 'moby':
    case 'image': {
      const pushes = isPushed(exporter);
      const push = async (reference: string): Promise<Credentials> => await registryCredentials(await ports.sessions.find(build.session), reference);
      return await progress.around('exporting to image', (vertex) => exportImage(exported, { engine: ports.engine, time, hash: ports.hash, ...(pushes ? { push } : {}) }, vertex));
    }
    case 'oci':
    case 'docker': return await progress.around(`exporting to ${type} image format`, async (vertex) => await exportArchive(type, exported, time, await toClient(), vertex));
    case 'local':
      await progress.around('exporting to client directory', async (vertex) => await exportLocal(await treesOf(build, images, ports), await toClient(), vertex));
      return new Map();
    case 'tar':
      await progress.around('exporting to client tarball', async (vertex) => await exportTar(await treesOf(build, images, ports), await toClient(), vertex));
      return new Map();
    default: throw new GantryError('unimplemented', `exporter ${JSON.stringify(type)} could not be found`);
  }
}

function namesOf({ attrs }: Exporter): readonly string[] {
  return (attrs.get('name') ?? '').split(',').filter(Boolean);
}

function isPushed({ attrs }: Exporter): boolean {
  return ['true', '1', 't'].includes((attrs.get('push') ?? '').toLowerCase());
}

function epochNsOf({ attrs }: Exporter, epochSeconds: number | undefined): bigint | undefined {
  const seconds = epochOf(attrs.get('source-date-epoch')) ?? epochSeconds;
  return seconds === undefined ? undefined : BigInt(seconds) * 1_000_000_000n;
}

/** With `rewrite-timestamp`, no file of a layer that is not the base's is newer than `SOURCE_DATE_EPOCH`. */
async function exportedLayers(build: ActiveBuild, { attrs }: Exporter, layers: readonly LayerRef[], epochNs: bigint | undefined, { trees }: ServicePorts): Promise<readonly LayerRef[]> {
  if (epochNs === undefined || attrs.get('rewrite-timestamp') !== 'true') return layers;
  const first = layers.findIndex(({ createdNs }) => createdNs !== undefined);
  if (first === -1) return layers;
  const rewritten: LayerRef[] = layers.slice(0, first);
  await build.progress.around('rewriting timestamps of layers', async () => {
    for (const layer of layers.slice(first)) {
      const base = rewritten.map(({ chain }) => chain as ChainId);
      rewritten.push(refOf(await trees.retime({ layer: layer.chain as ChainId, base, epochSeconds: Number(epochNs / 1_000_000_000n) }, build.signal), BigInt(layer.createdNs ?? 0)));
      build.hold(rewritten.map(({ chain }) => chain));
    }
  });
  return rewritten;
}

/** Provenance that the client asks for by itself goes to registries alone, where others read it. */
async function predicatesFor(build: ActiveBuild, exporter: Exporter, { sbom, provenance }: AttestationRequest, attested: AttestedResult, ports: ServicePorts): Promise<readonly Predicate[]> {
  const wanted = provenance === undefined || (provenance.isInlineOnly && !isPushed(exporter)) ? {} : { provenance };
  return await makePredicates(build, { sbom, ...wanted }, attested, ports);
}

/** Each platform in a directory of its own, as BuildKit calls them, where there are several. */
async function treesOf(build: ActiveBuild, images: readonly ExportedImage[], ports: ServicePorts): Promise<TreeSource | readonly NamedTree[]> {
  const [only] = images;
  if (images.length === 1 && only !== undefined) return await treeOf(build, only, ports);
  return await Promise.all(images.map(async (image) => ({ name: image.platform.replaceAll('/', '_'), source: await treeOf(build, image, ports) })));
}

/** The files of a result, with what is said about them beside them. */
async function treeOf(build: ActiveBuild, { layers, predicates }: ExportedImage, { trees, engine }: ServicePorts): Promise<TreeSource> {
  if (predicates.length === 0) return sourceOf({ kind: 'layers', layers });
  const layer = await statementLayer(layers, predicates, trees, build.signal);
  build.hold([layer.chain]);
  build.lend(() => void engine.images.releaseLayers([layer.chain]).catch(() => undefined));
  return sourceOf({ kind: 'layers', layers: [...layers, layer] });
}

function configOf(metadata: ReadonlyMap<string, Uint8Array>, platform: string): string | undefined {
  const bytes = metadata.get('containerimage.config') ?? metadata.get(`containerimage.config/${platform}`);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
