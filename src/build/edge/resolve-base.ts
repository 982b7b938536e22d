import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { Image } from '#container/model/image.ts';
import { parseImageConfig, type ImageConfig } from '#image/oci/image-config.ts';
import type { Platform } from '#image/oci/platform.ts';
import { parseReference } from '#image/oci/reference.ts';
import { NO_CREDENTIALS, type Credentials } from '#image/registry/credentials.ts';
import type { BuildNode } from '../solver/lower-step.ts';
import type { LayerRef } from '../solver/operation.ts';
import type { BuildSession } from './session.ts';

/** What a stage can stand on. */
export interface ResolvedBase {
  /** As progress shows it. */
  readonly reference: string;
  readonly layers: readonly LayerRef[];
  /** That a registry has it under, where it came from one. */
  readonly digest?: string;
  readonly config: ImageConfig | undefined;
  /** Set where it is no image but a step: a directory, or another build's result. */
  readonly node?: BuildNode;
}

export interface ImageRequest {
  /** In full, with its tag; `written` as in the Dockerfile. */
  readonly reference: string;
  readonly written: string;
  readonly platform: Platform;
  /** Also where it is here already. */
  readonly pulls: boolean;
}

/** An image of this engine, pulled first where it is not here. */
export async function resolveImage(engine: BuildEngine, session: BuildSession | undefined, request: ImageRequest): Promise<ResolvedBase> {
  const { reference } = request;
  const known = request.pulls ? undefined : findImage(engine, reference);
  const image = known ?? await pullImage(engine, session, request);
  const { domain, path } = parseReference(reference);
  const digest = image.digests.find((name) => name.startsWith(`${domain}/${path}@`))?.split('@')[1];
  return { reference, layers: layersOfImage(image), config: parseImageConfig(image.configJson), ...(digest === undefined ? {} : { digest }) };
}

function findImage(engine: BuildEngine, reference: string): Image | undefined {
  try {
    return engine.images.find(reference);
  } catch (thrown) {
    if (isKind(thrown, 'not-found')) return undefined;
    throw thrown;
  }
}

async function pullImage(engine: BuildEngine, session: BuildSession | undefined, { reference, written, platform }: ImageRequest): Promise<Image> {
  try {
    await engine.images.pull({ reference, credentials: await registryCredentials(session, reference), platform }, () => {});
    return engine.images.find(reference);
  } catch (thrown) {
    const kind = thrown instanceof GantryError ? thrown.kind : 'internal';
    throw new GantryError(kind, `${written}: failed to resolve source metadata for ${reference}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** Docker Hub goes by this name in the files of clients. */
const HUB = 'https://index.docker.io/v1/';

/** What the client of a build has for a registry. */
export async function registryCredentials(session: BuildSession | undefined, reference: string): Promise<Credentials> {
  if (session === undefined) return NO_CREDENTIALS;
  const { domain } = parseReference(reference);
  try {
    const { username, secret } = await session.credentials(domain === 'docker.io' ? HUB : domain);
    if (secret === '') return NO_CREDENTIALS;
    return username === '' ? { kind: 'identity-token', token: secret } : { kind: 'password', username, password: secret };
  } catch (thrown) {
    // A client that serves no credentials has none.
    if (thrown instanceof GantryError && thrown.kind !== 'interrupted') return NO_CREDENTIALS;
    throw thrown;
  }
}

export function layersOfImage({ diffIds, chainIds, layerSizes, layerTarSizes }: Image): readonly LayerRef[] {
  return diffIds.map((diffId, index) => ({ diffId, chain: chainIds[index] ?? '', size: layerSizes[index] ?? 0, tarSize: layerTarSizes[index] ?? 0 }));
}
