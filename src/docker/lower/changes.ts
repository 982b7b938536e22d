import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { emptyBase, evaluateStage, imageBase } from '#build/dockerfile/evaluate/evaluate-stage.ts';
import { parseDockerfile } from '#build/dockerfile/parse/parse-dockerfile.ts';
import { planDockerfile } from '#build/dockerfile/plan/plan-dockerfile.ts';
import type { ImageRunConfig } from '#image/oci/image-config.ts';
import { isObject } from '../decode.ts';
import { invalid } from './invalid.ts';

const ALLOWED: ReadonlySet<string> = new Set(['cmd', 'entrypoint', 'env', 'expose', 'healthcheck', 'label', 'onbuild', 'stopsignal', 'user', 'volume', 'workdir']);
/** No instruction that is allowed asks for it. */
const PLATFORM = { os: 'linux', architecture: 'amd64' };
/** What every Dockerfile's stage begins with; a change of an image that has none adds none. */
const GIVEN_ENV: readonly string[] = emptyBase(PLATFORM).config.Env ?? [];
/** Sets, which the API has as objects. */
const SETS = ['ExposedPorts', 'Volumes'] as const;

/**
 * `--change` instructions of import and commit, put upon the config that they change: a Dockerfile without its FROM.
 * @throws GantryError invalid, for instructions that need files or are none
 */
export function applyChanges(config: JsonObject, changes: readonly string[]): JsonObject {
  if (changes.length === 0) return config;
  const text = changes.join('\n');
  for (const { name } of parseDockerfile(text).nodes) if (!ALLOWED.has(name.toLowerCase())) throw invalid(`${name} is not a valid change command`);
  const plan = inOwnWords(() => planDockerfile(`FROM scratch\n${text}`, { buildPlatform: PLATFORM }));
  const before = imageBase(PLATFORM, { config: withLists(config), history: [] });
  const { OnBuild = [], Env = [], ArgsEscaped: _, ...changed } = evaluateStage(plan, 0, before).image.config;
  const env = Array.isArray(config['Env']) && config['Env'].some((entry) => String(entry).startsWith('PATH=')) ? Env : Env.filter((entry) => !GIVEN_ENV.includes(entry));
  const triggers = [...(Array.isArray(config['OnBuild']) ? config['OnBuild'] : []), ...OnBuild];
  return {
    ...config, ...withObjects(changed as JsonObject),
    // An ENTRYPOINT takes the command away that was meant for another one.
    ...('Cmd' in config ? { Cmd: changed.Cmd ?? null } : {}), ...('Entrypoint' in config ? { Entrypoint: changed.Entrypoint ?? null } : {}),
    ...(env.length > 0 ? { Env: env } : {}), ...(triggers.length > 0 ? { OnBuild: triggers } : {}),
  };
}

/** There is no file in which a line could be looked up. */
function inOwnWords<T>(understand: () => T): T {
  try {
    return understand();
  } catch (thrown) {
    if (thrown instanceof GantryError) throw invalid(thrown.message.replace(/^dockerfile parse error on line \d+: /, ''));
    throw thrown;
  }
}

/** An image's document, as a Dockerfile sees it. `null` is the API's word for what is not there. */
function withLists(config: JsonObject): ImageRunConfig {
  const told = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  return { ...told, ...Object.fromEntries(SETS.flatMap((name) => (isObject(told[name]) ? [[name, Object.keys(told[name])]] : []))) };
}

function withObjects(config: JsonObject): JsonObject {
  return { ...config, ...Object.fromEntries(SETS.flatMap((name) => (Array.isArray(config[name]) ? [[name, Object.fromEntries(config[name].map((key) => [String(key), {}]))]] : []))) };
}
