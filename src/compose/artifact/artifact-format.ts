import { GantryError } from '#base/error.ts';
import { isJsonObject } from './json-object.ts';

const PROJECT = 'application/vnd.docker.compose.project';
const FILE = 'application/vnd.docker.compose.file+yaml';
const ENV_FILE = 'application/vnd.docker.compose.envfile';
const EMPTY = 'application/vnd.oci.empty.v1+json';
/** In place of an artifact type, for registries of OCI 1.0. */
const EMPTY_PROJECT = 'application/vnd.docker.compose.config.empty.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const KEY = { file: 'com.docker.compose.file', extends: 'com.docker.compose.extends', envFile: 'com.docker.compose.envfile', version: 'com.docker.compose.version' } as const;

const MAX_LAYERS = 200;
const MAX_LAYER_BYTES = 4 << 20;
const MAX_BYTES = 16 << 20;

/** The only content of the config: an empty JSON object, and its SHA-256. */
export const EMPTY_CONFIG = { text: '{}', digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' } as const;

/** `compose` files are laid over each other; `base` files are named by an `extends`, `env` files by an `env_file`. */
export interface ArtifactFile {
  readonly kind: 'compose' | 'base' | 'env';
  readonly name: string;
  readonly text: string;
}

export interface ArtifactLayer {
  readonly kind: ArtifactFile['kind'];
  readonly name: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

export interface ManifestFacts {
  /** RFC 3339. */
  readonly created: string;
  readonly ociVersion: '1.0' | '1.1';
  /** The version of docker compose whose format it is. */
  readonly composeVersion: string;
}

/** The manifest of a project, as docker compose writes it but for copies of the files in it. */
export function artifactManifest(layers: readonly ArtifactLayer[], { created, ociVersion, composeVersion }: ManifestFacts): string {
  return JSON.stringify({
    schemaVersion: 2, mediaType: MANIFEST,
    ...(ociVersion === '1.1' ? { artifactType: PROJECT } : {}),
    config: { mediaType: ociVersion === '1.1' ? EMPTY : EMPTY_PROJECT, digest: EMPTY_CONFIG.digest, size: EMPTY_CONFIG.text.length, data: 'e30=' },
    layers: layers.map(({ kind, name, digest, size }) => ({
      mediaType: kind === 'env' ? ENV_FILE : FILE, digest, size,
      annotations: kind === 'env' ? { [KEY.envFile]: name, [KEY.version]: composeVersion } : { ...(kind === 'base' ? { [KEY.extends]: 'true' } : {}), [KEY.file]: name, [KEY.version]: composeVersion },
    })),
    annotations: { 'org.opencontainers.image.created': created },
  });
}

/** The files that a manifest names, which may come from anybody. Throws `invalid`, `too-large`. */
export function readArtifactManifest(text: string, reference: string): ArtifactLayer[] {
  const wrong = (what: string): GantryError => new GantryError('invalid', `${reference} is no compose application: ${what}`, { subject: reference, hint: 'gantry compose publish and docker compose publish make such' });
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    throw wrong('its manifest is no JSON');
  }
  if (!isJsonObject(manifest) || !isJsonObject(manifest['config']) || !Array.isArray(manifest['layers'])) throw wrong('it has no manifest with layers');
  if (manifest['artifactType'] !== PROJECT && manifest['config']['mediaType'] !== EMPTY_PROJECT) throw wrong(`its type is ${JSON.stringify(manifest['artifactType'] ?? manifest['config']['mediaType'] ?? 'none')}`);
  const layers = manifest['layers'].flatMap((layer: unknown) => layerOf(layer, wrong));
  if (layers.length > MAX_LAYERS || layers.some(({ size }) => size > MAX_LAYER_BYTES) || layers.reduce((sum, { size }) => sum + size, 0) > MAX_BYTES) {
    throw new GantryError('too-large', `${reference} has more, or larger, files than an application needs`, { subject: reference, hint: `at most ${MAX_LAYERS} files of ${MAX_LAYER_BYTES >> 20} MiB, ${MAX_BYTES >> 20} MiB in all` });
  }
  if (!layers.some(({ kind }) => kind === 'compose')) throw wrong('it has no compose file');
  return layers;
}

function layerOf(layer: unknown, wrong: (what: string) => GantryError): ArtifactLayer[] {
  if (!isJsonObject(layer)) throw wrong('a layer is no object');
  const { mediaType, digest, size } = layer;
  const annotations = isJsonObject(layer['annotations']) ? layer['annotations'] : {};
  // Images go along in layers of their own types, and are pulled by their names.
  if (mediaType !== FILE && mediaType !== ENV_FILE) return [];
  if (typeof digest !== 'string' || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw wrong('a layer has no digest and size');
  const kind = mediaType === ENV_FILE ? 'env' : annotations[KEY.extends] === undefined ? 'compose' : 'base';
  const name = annotations[kind === 'env' ? KEY.envFile : KEY.file] ?? 'compose.yaml';
  // It becomes a file of this machine: CVE-2025-62725 is what a path makes of it.
  if (typeof name !== 'string' || !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(name)) throw wrong(`${JSON.stringify(name)} is no name for one of its files`);
  return [{ kind, name, digest, size }];
}

/** The files to write of an artifact, by name. Its compose files become documents of one, as docker compose has it. */
export function artifactFiles(files: readonly ArtifactFile[]): ReadonlyMap<string, string> {
  const written = new Map([['compose.yaml', files.filter(({ kind }) => kind === 'compose').map(({ text }) => text).join('\n---\n')]]);
  for (const { kind, name, text } of files) {
    if (kind === 'compose') continue;
    if (written.has(name)) throw new GantryError('invalid', `the application has two files called ${name}`);
    written.set(name, text);
  }
  return written;
}
