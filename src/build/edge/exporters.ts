import { GantryError } from '#base/error.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { Credentials } from '#image/registry/credentials.ts';
import type { TreeSource } from '#image/snapshot/tree-work.ts';
import { readAttestationRequest, type AttestationRequest } from '../solver/attest/attestation-request.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { ActiveBuild } from './active-build.ts';
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
  const first = solved[0];
  const files = first?.files ?? { kind: 'layers', layers: [] } as const;
  if (files.kind !== 'layers') throw new GantryError('internal', 'the result of a build is no image');
  const image = { frontendConfig: configOf(metadata, first?.result.platform ?? '') ?? first?.result.configJson ?? '', layers: files.layers };
  const cacheExports = request.cache?.exports ?? [];
  const inline = cacheExports.some(({ type }) => type === 'inline') ? inlineCache(build.sharedSteps(), files.layers) : undefined;
  for (const [index, exporter] of exporters.entries()) {
    if (solved.length > 1) throw new GantryError('unimplemented', 'exporting several platforms at once is not supported: build one at a time');
    const names = namesOf(exporter);
    const layers = await exportedLayers(build, exporter, files.layers, epochNsOf(exporter, epochSeconds), ports);
    const predicates = first === undefined ? [] : await predicatesFor(build, exporter, readAttestationRequest(request.frontendAttrs), { result: first.result, layers, names, attributes: request.frontendAttrs, epochNs: epochNsOf(exporter, epochSeconds), version: ports.version }, ports);
    const more = await exportOne(build, { image: { ...image, layers, predicates, ...(inline === undefined ? {} : { extra: inline }) }, exporter, index, epochSeconds }, ports);
    for (const [key, value] of more) response.set(key, value);
  }
  for (const option of cacheExports) {
    const more = option.type === 'inline' ? new Map<string, string>() : await exportCache(build, option, files.layers, ports);
    for (const [key, value] of more) response.set(key, value);
  }
  return response;
}

type Exporter = SolveRequest['exporters'][number];

interface Export {
  readonly image: ExportedImage;
  readonly exporter: Exporter;
  readonly index: number;
  readonly epochSeconds: number | undefined;
}

async function exportOne(build: ActiveBuild, { image, exporter, index, epochSeconds }: Export, ports: ServicePorts): Promise<ReadonlyMap<string, string>> {
  const { progress } = build;
  const { type } = exporter;
  const time: ExportTime = { nowNs: ports.clock.nowNs(), epochNs: epochNsOf(exporter, epochSeconds) };
  const names = namesOf(exporter);
  const toClient = async (): Promise<FileExportPorts> => ({ ...ports, session: await ports.sessions.find(build.session), exporter: String(index), signal: build.signal });
  switch (type) {
    case 'moby':
    case 'image': {
      const pushes = isPushed(exporter);
      const push = async (reference: string): Promise<Credentials> => await registryCredentials(await ports.sessions.find(build.session), reference);
      return await progress.around('exporting to image', (vertex) => exportImage(image, names, { engine: ports.engine, time, hash: ports.hash, ...(pushes ? { push } : {}) }, vertex));
    }
    case 'oci':
    case 'docker': return await progress.around(`exporting to ${type} image format`, async (vertex) => await exportArchive(image, names, time, await toClient(), vertex));
    case 'local':
      await progress.around('exporting to client directory', async (vertex) => await exportLocal(await treeOf(build, image, ports), await toClient(), vertex));
      return new Map();
    case 'tar':
      await progress.around('exporting to client tarball', async (vertex) => await exportTar(await treeOf(build, image, ports), await toClient(), vertex));
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
