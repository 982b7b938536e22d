import { homedir } from 'node:os';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError, messageOf } from '#base/error.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import type { CliContext } from '#cli/command-spec.ts';
import { RegistryAuths, serverOf } from '#cli/credentials/registry-auth.ts';
import { artifactFiles, artifactManifest, EMPTY_CONFIG, readArtifactManifest, type ArtifactFile, type ManifestFacts } from '#compose/artifact/artifact-format.ts';
import { digestOfHex, isDigest, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { familiarReference, fullName, parseReference, withDefaultTag, type Reference } from '#image/oci/reference.ts';
import { credentialsOf, NO_CREDENTIALS } from '#image/registry/credentials.ts';
import type { RepositoryClient } from '#image/registry/repository-client.ts';
import { registriesOfThisMachine } from '../registry/registries.ts';

const MAX_FILE_BYTES = 4 << 20;

async function repositoryOf({ options }: CliContext, reference: Reference): Promise<RepositoryClient> {
  const auth = await new RegistryAuths(options.configDirectory).find(serverOf(fullName(reference)));
  return registriesOfThisMachine([]).target(reference, auth === undefined ? NO_CREDENTIALS : credentialsOf({ ...auth }));
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Puts the files into a repository, and answers with the digest under which they are there. */
export async function pushProject(cli: CliContext, name: string, files: readonly ArtifactFile[], facts: ManifestFacts): Promise<Digest> {
  const reference = withDefaultTag(parseReference(name));
  const repository = await repositoryOf(cli, reference);
  const hasher = new SystemHasher();
  const put = async (text: string): Promise<{ readonly digest: Digest; readonly size: number }> => {
    const bytes = bytesOf(text);
    const digest = digestOfHex(hasher.sha256(bytes));
    if (!await repository.hasBlob(digest)) await repository.uploadBytes(bytes, digest);
    return { digest, size: bytes.length };
  };
  await put(EMPTY_CONFIG.text);
  const layers = [];
  for (const { kind, name: file, text } of files) layers.push({ kind, name: file, ...await put(text) });
  return repository.putManifest(reference.tag ?? reference.digest ?? '', bytesOf(artifactManifest(layers, facts)), MEDIA_TYPE.ociManifest);
}

/** The files of a project in a registry, as files of this machine. Answers with the path of its compose file. */
export async function pullProject(cli: CliContext, name: string): Promise<string> {
  const reference = withDefaultTag(parseReference(name));
  const repository = await repositoryOf(cli, reference);
  const shown = familiarReference(reference);
  const { bytes, digest } = await repository.manifest(reference.digest ?? reference.tag ?? '').catch((cause: unknown) => {
    throw new GantryError(cause instanceof GantryError ? cause.kind : 'unavailable', `failed to pull OCI resource ${JSON.stringify(shown)}: ${messageOf(cause)}`, { subject: shown, cause });
  });
  const files: ArtifactFile[] = [];
  for (const { kind, name: file, digest: content, size } of readArtifactManifest(new TextDecoder().decode(bytes), shown)) {
    if (!isDigest(content)) throw new GantryError('invalid', `${shown} has a layer whose digest is none: ${content.slice(0, 100)}`);
    files.push({ kind, name: file, text: new TextDecoder().decode(await repository.smallBlob({ digest: content, size }, MAX_FILE_BYTES)) });
  }
  return keep(cacheDirectory(cli.io.env), digest, artifactFiles(files));
}

/** Where docker compose keeps them, too: a project is in the same directory whoever fetched it. */
function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const given = env['XDG_CACHE_HOME'] ?? '';
  return join(given === '' ? join(env['HOME'] ?? homedir(), '.cache') : given, 'docker-compose');
}

/** Written anew each time: what lies there may be half of it, or changed by somebody. */
function keep(cache: string, digest: Digest, files: ReadonlyMap<string, string>): string {
  const directory = join(cache, digest.slice(digest.indexOf(':') + 1));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, text] of files) {
    const path = join(directory, name);
    writeFileSync(`${path}.${process.pid}`, text, { mode: 0o600 });
    try {
      renameSync(`${path}.${process.pid}`, path);
    } catch (thrown) {
      rmSync(`${path}.${process.pid}`, { force: true });
      throw thrown;
    }
  }
  return join(directory, 'compose.yaml');
}
