import { GantryError } from '#base/error.ts';
import { parseImageConfig, type ImageConfig } from '#image/oci/image-config.ts';
import type { Platform } from '#image/oci/platform.ts';
import { formatReference, parseReference, withDefaultTag } from '#image/oci/reference.ts';
import type { BuildNode } from '../solver/lower-step.ts';
import type { ActiveBuild } from './active-build.ts';
import type { BridgeRequest, BuildService } from './build-service.ts';
import { refOfDefinition } from './definition.ts';
import type { FrontendOptions } from './frontend-options.ts';
import { resolveImage, type ResolvedBase } from './resolve-base.ts';
import type { BuildSession } from './session.ts';

export interface NamedContextWorld {
  readonly service: BuildService;
  readonly build: ActiveBuild;
  readonly options: FrontendOptions;
  readonly inputs: BridgeRequest['frontendInputs'];
  readonly session: BuildSession | undefined;
  readonly platform: Platform;
}

/** A `--build-context` (BuildKit frontend/dockerui/namedcontext.go): an image, a directory of the client, another build, or a repository. */
export async function resolveContext(name: string, world: NamedContextWorld): Promise<ResolvedBase> {
  const value = world.options.contexts.get(name);
  if (value === undefined) throw new GantryError('not-found', `no build context ${name}`);
  const colon = value.indexOf(':');
  const scheme = value.slice(0, colon);
  const rest = value.slice(colon + 1);
  const { service: { ports }, build, session } = world;
  switch (scheme) {
    case 'docker-image': {
      const reference = formatReference(withDefaultTag(parseReference(rest.replace(/^\/\//, ''))));
      const title = `[context ${name}] load metadata for ${reference}`;
      return await build.progress.around(title, () => resolveImage(ports.engine, session, { reference, written: reference, platform: world.platform, pulls: world.options.pull }));
    }
    case 'input': return input(name, rest, world);
    case 'local': {
      if (session === undefined) throw new GantryError('invalid', `the context ${name} is the client's, and this build has none`);
      const node: BuildNode = {
        op: { kind: 'context', title: `[context ${name}] load from client`, session: session.offer.id, name: rest, include: [], exclude: [], follow: [] }, inputs: [], ignoresCache: false,
      };
      return { reference: name, layers: [], config: undefined, node: asLayers(node, name) };
    }
    case 'http': case 'https': case 'git': case 'ssh': {
      const [remote = value, fragment = ''] = value.split('#', 2);
      const [ref = '', subdirectory = ''] = fragment.split(':', 2);
      const node: BuildNode = {
        op: { kind: 'git', title: `[context ${name}] ${value}`, remote, ref, subdirectory, checksum: undefined, keepsGitDirectory: false, submodules: true, session: session?.offer.id ?? '' }, inputs: [], ignoresCache: false,
      };
      return { reference: name, layers: [], config: undefined, node: asLayers(node, name) };
    }
    default: throw new GantryError('unimplemented', `unsupported context source ${scheme} for ${name}`);
  }
}

/** A stage stands on layers: the files of a directory become one. */
function asLayers(source: BuildNode, name: string): BuildNode {
  return {
    op: { kind: 'files', title: `[context ${name}] copy`, hasBase: false, actions: [{ kind: 'copy', source: 0, parts: [], pattern: '/', destination: '/', rules: [], unpacks: false, isRequired: false }] },
    inputs: [{ step: source, reads: [{ parts: [], rules: [], follow: true }] }], ignoresCache: false,
  };
}

function input(name: string, key: string, { service, build, options, inputs }: NamedContextWorld): ResolvedBase {
  const definition = inputs.get(key);
  const id = definition === undefined ? undefined : refOfDefinition(definition);
  if (id === undefined) throw new GantryError('invalid', `invalid context source ${key} for ${name}: it is no result of this builder`);
  const { result } = service.resultOf(id);
  const metadata = options.inputMetadata.get(key) ?? options.inputMetadata.get(name);
  const config = configOf(metadata) ?? (result.configJson === '' ? undefined : parseImageConfig(result.configJson));
  if (result.node === undefined) return { reference: name, layers: [], config };
  build.hold(build.heldLayers());
  return { reference: name, layers: [], config, node: result.node };
}

/** What the client tells of a linked build's image: base64 in JSON. */
function configOf(metadata: string | undefined): ImageConfig | undefined {
  if (metadata === undefined) return undefined;
  try {
    const encoded = (JSON.parse(metadata) as Record<string, unknown>)['containerimage.config'];
    return typeof encoded === 'string' ? parseImageConfig(Buffer.from(encoded, 'base64').toString('utf8')) : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw new GantryError('invalid', 'the metadata of a build context is no JSON', { cause: thrown });
    throw thrown;
  }
}
