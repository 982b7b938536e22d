import { GantryError } from '#base/error.ts';
import type { ActiveBuild } from './active-build.ts';
import type { ServicePorts, SolvedResults, SolveRequest } from './build-service.ts';
import { exportImage, type ExportTime } from './export-image.ts';

/** Runs what is needed for the results, and hands them to each exporter that was asked for. */
export async function exportResults(build: ActiveBuild, { results, metadata }: SolvedResults, request: SolveRequest, ports: ServicePorts, epochSeconds: number | undefined): Promise<Map<string, string>> {
  const response = new Map<string, string>();
  // What the answer to a `--call` holds is for the client alone.
  for (const [key, value] of metadata) if (key.startsWith('result.')) response.set(key, Buffer.from(value).toString('base64'));
  const exporters = request.exporters.length > 0 ? request.exporters
    : request.exporterDeprecated === '' ? [] : [{ type: request.exporterDeprecated, attrs: request.exporterAttrsDeprecated }];
  const solved = [];
  for (const result of results) solved.push({ result, files: await build.evaluate(result) });
  for (const { type, attrs } of exporters) {
    const first = solved[0];
    const files = first?.files ?? { kind: 'layers', layers: [] } as const;
    if (files.kind !== 'layers') throw new GantryError('internal', 'the result of a build is no image');
    const image = { frontendConfig: configOf(metadata, first?.result.platform ?? '') ?? first?.result.configJson ?? '', layers: files.layers };
    const epoch = attrs.get('source-date-epoch') ?? (epochSeconds === undefined ? undefined : String(epochSeconds));
    const time: ExportTime = { nowNs: ports.clock.nowNs(), epochNs: epoch === undefined || epoch === '' ? undefined : BigInt(epoch) * 1_000_000_000n };
    switch (type) {
      case 'moby':
      case 'image': {
        const names = (attrs.get('name') ?? '').split(',').filter(Boolean);
        const more = await build.progress.around('exporting to image', (vertex) => exportImage(image, names, { engine: ports.engine, time, hash: ports.hash }, vertex));
        for (const [key, value] of more) response.set(key, value);
        break;
      }
      default: throw new GantryError('unimplemented', `exporter ${JSON.stringify(type)} could not be found`);
    }
  }
  return response;
}

function configOf(metadata: ReadonlyMap<string, Uint8Array>, platform: string): string | undefined {
  const bytes = metadata.get('containerimage.config') ?? metadata.get(`containerimage.config/${platform}`);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
