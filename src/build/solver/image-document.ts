import { formatTimeNs } from '#base/clock.ts';
import type { StageImage } from '#build/dockerfile/plan/stage-image.ts';
import type { ImageHistory, ImageRunConfig } from '#image/oci/image-config.ts';
import type { LayerRef } from './operation.ts';

/** Names in the order in which Go writes them; what is a list here is a set of keys there. */
const RUN_FIELDS = [
  'User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal', 'Healthcheck', 'ArgsEscaped', 'OnBuild', 'StopTimeout', 'Shell',
] as const satisfies readonly (keyof ImageRunConfig)[];

/** The `config` of an image config (OCI image spec, config.md, with Docker's additions): nothing empty is written. */
export function renderRunConfig(config: ImageRunConfig): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  for (const name of RUN_FIELDS) {
    const value: unknown = config[name];
    const isEmpty = value === undefined || value === '' || value === false || (typeof value === 'object' && Object.keys(value as object).length === 0);
    if (isEmpty) continue;
    if (name === 'ExposedPorts' || name === 'Volumes') rendered[name] = Object.fromEntries([...value as readonly string[]].sort().map((key) => [key, {}]));
    else rendered[name] = name === 'Labels' ? sortedObject(value as Readonly<Record<string, string>>) : value;
  }
  return rendered;
}

function sortedObject(value: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** What a frontend knows of an image before its layers are there: what a client passes on to the exporter. */
export function renderFrontendConfig(image: StageImage): string {
  const { platform, config, author, history } = image;
  return JSON.stringify({
    architecture: platform.architecture, ...(platform.variant === undefined ? {} : { variant: platform.variant }), os: platform.os,
    ...(author === undefined || author === '' ? {} : { author }), config: renderRunConfig(config), history, rootfs: { type: 'layers', diff_ids: [] },
  });
}

/** A config of a frontend, as the exporter reads it back. */
export interface FrontendConfig {
  readonly architecture?: string;
  readonly os?: string;
  readonly variant?: string;
  readonly author?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly history?: readonly ImageHistory[];
}

export interface ImageDocument {
  readonly configJson: string;
  readonly createdNs: bigint;
}

/**
 * The config of a finished image: BuildKit's rules for the times of its history (exporter/containerimage/writer.go). Entries
 * without a layer take the time of the first new layer, or of the one before them.
 * @param epochNs `SOURCE_DATE_EPOCH`: nothing is newer
 */
export function renderImageDocument(frontend: FrontendConfig, layers: readonly LayerRef[], platform: { readonly os: string; readonly architecture: string }, nowNs: bigint, epochNs: bigint | undefined): ImageDocument {
  const history = datedHistory(frontend.history ?? [], layers, nowNs, epochNs);
  const created = history.at(-1)?.created ?? formatTimeNs(epochNs ?? nowNs);
  const { architecture = platform.architecture, os = platform.os, variant, author, config = {} } = frontend;
  const document = {
    architecture, ...(author === undefined ? {} : { author }), config, created, history, os,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) }, ...(variant === undefined ? {} : { variant }),
  };
  return { configJson: JSON.stringify(document), createdNs: BigInt(Date.parse(created)) * 1_000_000n };
}

function datedHistory(history: readonly ImageHistory[], layers: readonly LayerRef[], nowNs: bigint, epochNs: bigint | undefined): ImageHistory[] {
  const dated = matchLayers(history, layers, nowNs);
  let created: string | undefined;
  let hasUndated = false;
  for (const entry of dated) {
    if (entry.created === undefined) hasUndated = true;
    else {
      created = entry.created;
      if (hasUndated) break;
    }
  }
  created ??= formatTimeNs(nowNs);
  let isPast = false;
  return dated.map((entry) => {
    if (entry.created === undefined) isPast = true;
    else if (isPast) created = entry.created;
    const time = entry.created ?? created as string;
    return { created: clamped(time, epochNs), ...without(entry) };
  });
}

/** Each entry with a layer takes its layer's time. Layers that no entry tells of get one of their own. */
function matchLayers(history: readonly ImageHistory[], layers: readonly LayerRef[], nowNs: bigint): ImageHistory[] {
  let at = 0;
  const matched = history.map((entry): ImageHistory => {
    if (entry.empty_layer === true) return entry;
    const layer = layers[at];
    at += 1;
    // More entries than layers: those that are too many have none.
    if (layer === undefined) return { ...entry, empty_layer: true };
    return entry.created !== undefined ? entry : { ...entry, created: formatTimeNs(layer.createdNs === undefined ? nowNs : BigInt(layer.createdNs)) };
  });
  for (const layer of layers.slice(at)) matched.push({ created: formatTimeNs(layer.createdNs === undefined ? nowNs : BigInt(layer.createdNs)), created_by: 'buildkit.exporter.image.v0', comment: 'created by buildkit' });
  return matched;
}

function without({ created: _created, ...rest }: ImageHistory): ImageHistory {
  return rest;
}

function clamped(time: string, epochNs: bigint | undefined): string {
  return epochNs !== undefined && BigInt(Date.parse(time)) * 1_000_000n > epochNs ? formatTimeNs(epochNs) : time;
}
