import { GantryError } from '#base/error.ts';
import { chainId, type ChainId } from '#image/oci/chain-id.ts';
import { digestOfHex, isDigest, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import type { LayerInfo } from '#image/snapshot/port.ts';
import { CACHE_FIELD, parseCacheDocument, renderCacheDocument, type CacheDocument } from '../../solver/cache-document.ts';
import { readCompression } from '../../solver/compression.ts';
import type { ActiveBuild } from '../active-build.ts';
import type { ProgressVertex } from '../build-progress.ts';
import type { ClientContent } from '../client-content.ts';
import type { CachePorts } from './cache-option.ts';
import { layerBlob, type LayerBlob } from '../layer-blobs.ts';
import { importSteps } from './import-steps.ts';

const MAX_DOCUMENT_BYTES = 64 << 20;
const utf8 = new TextEncoder();

/** What clients write into `index.json` of the directory (BuildKit cache/remotecache/export.go). */
const MANIFEST_KEY = 'cache.manifest';

interface LocalExport {
  readonly attrs: ReadonlyMap<string, string>;
  readonly document: CacheDocument;
  readonly vertex: ProgressVertex;
}

/** `type=local`: blobs of an OCI layout in a directory of the client. Layers that it has are not sent. */
export async function exportToDirectory(build: ActiveBuild, { attrs, document, vertex }: LocalExport, { sessions, snapshots, hasher, engine }: CachePorts): Promise<ReadonlyMap<string, string>> {
  const content = (await sessions.find(build.session)).content(directoryOf(attrs, 'dest'));
  const kind = readCompression(attrs)?.kind ?? 'none';
  const layers: LayerBlob[] = [];
  for (const layer of document.layers) {
    const blob = await layerBlob(layer, kind, snapshots);
    layers.push(blob);
    await vertex.part(`writing layer ${blob.digest}`, () => content.write(blob.digest, blob.size, snapshots.compressLayer(layer.chain as ChainId, kind).bytes));
  }
  const config = utf8.encode(JSON.stringify({
    architecture: engine.info.facts.architecture, config: {}, os: 'linux', rootfs: { type: 'layers', diff_ids: document.layers.map(({ diffId }) => diffId) }, history: [], [CACHE_FIELD]: renderCacheDocument(document),
  }));
  const put = async (what: string, bytes: Uint8Array): Promise<{ readonly digest: string; readonly size: number }> => {
    const digest = digestOfHex(hasher.sha256(bytes));
    await vertex.part(`writing ${what} ${digest}`, () => content.write(digest, bytes.length, (async function* () { yield bytes; })()));
    return { digest, size: bytes.length };
  };
  const written = await put('config', config);
  const manifest = await put('cache manifest', utf8.encode(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config: { mediaType: MEDIA_TYPE.ociConfig, ...written }, layers })));
  return new Map([[MANIFEST_KEY, JSON.stringify({ mediaType: MEDIA_TYPE.ociManifest, ...manifest })]]);
}

/** The same directory again, or a copy of it. Nothing in it is believed that does not hash to its name. */
export async function importFromDirectory(build: ActiveBuild, attrs: ReadonlyMap<string, string>, ports: CachePorts): Promise<void> {
  const { sessions, snapshots, hasher, trees } = ports;
  const source = directoryOf(attrs, 'src');
  const content = (await sessions.find(build.session)).content(source);
  const documents = new Documents(content, ports);
  const manifest = parseManifest(await documents.read(attrs.get('digest') ?? ''));
  const configJson = await documents.read(manifest.config);
  const diffIds = parseDiffIds(configJson);
  if (diffIds.length !== manifest.layers.length) throw malformed();
  const document = parseCacheDocument(configJson, diffIds.length);
  if (document === undefined) throw new GantryError('not-found', `${source} has no build cache of this engine`);
  const placed = new Map<number, ChainId>();
  await importSteps(build, document, async (index, below) => {
    const [digest, diffId] = [manifest.layers[index] as Digest, diffIds[index] as Digest];
    const parent = below.at(-1);
    const here = placed.get(index) ?? (await snapshots.layer(chainId(hasher, parent, diffId)))?.chain;
    const layer: LayerInfo = here !== undefined ? await trees.restack(here, below)
      : await snapshots.unpack({ source: { kind: 'stream', bytes: content.read(digest) }, digest, diffId, ...(parent === undefined ? {} : { parent }) });
    placed.set(index, layer.chain);
    return layer;
  }, ports);
}

function directoryOf(attrs: ReadonlyMap<string, string>, name: 'src' | 'dest'): string {
  const directory = attrs.get(name) ?? '';
  if (directory === '') throw new GantryError('invalid', `local cache ${name === 'src' ? 'importer' : 'exporter'} requires ${name}`);
  return directory;
}

class Documents {
  readonly #content: ClientContent;
  readonly #ports: Pick<CachePorts, 'hasher'>;

  constructor(content: ClientContent, ports: Pick<CachePorts, 'hasher'>) {
    this.#content = content;
    this.#ports = ports;
  }

  async read(digest: string): Promise<string> {
    if (!isDigest(digest)) throw new GantryError('invalid', `${JSON.stringify(digest)} is no digest of a cache`);
    const bytes = await this.#content.readAll(digest, MAX_DOCUMENT_BYTES);
    const actual = digestOfHex(this.#ports.hasher.sha256(bytes));
    if (actual !== digest) throw new GantryError('invalid', `the cache is damaged: ${digest} hashes to ${actual}`);
    return new TextDecoder().decode(bytes);
  }
}

function parseManifest(text: string): { readonly config: string; readonly layers: readonly string[] } {
  const { config, layers } = parseObject(text);
  const digestOf = (descriptor: unknown): string => {
    const digest = typeof descriptor === 'object' && descriptor !== null && 'digest' in descriptor ? descriptor.digest : undefined;
    if (typeof digest !== 'string' || !isDigest(digest)) throw malformed();
    return digest;
  };
  if (!Array.isArray(layers)) throw malformed();
  return { config: digestOf(config), layers: layers.map(digestOf) };
}

function parseDiffIds(configJson: string): readonly string[] {
  const { rootfs } = parseObject(configJson);
  const diffIds = typeof rootfs === 'object' && rootfs !== null && 'diff_ids' in rootfs ? rootfs.diff_ids : undefined;
  if (!Array.isArray(diffIds) || !diffIds.every((digest) => typeof digest === 'string' && isDigest(digest))) throw malformed();
  return diffIds as string[];
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new GantryError('invalid', 'the cache is malformed', { cause });
  }
  throw malformed();
}

function malformed(): GantryError {
  return new GantryError('invalid', 'the cache is malformed');
}
