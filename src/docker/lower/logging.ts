import type { LogSpec } from '#container/model/container-spec.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { invalid } from './invalid.ts';

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': ['max-file', 'max-size', 'compress', 'labels', 'labels-regex', 'env', 'env-regex', 'tag', 'mode', 'max-buffer-size'],
  local: ['max-file', 'max-size', 'compress', 'mode', 'max-buffer-size'],
};

/** `local` is kept as `json-file` is: it differs for clients in nothing that they see. */
export function lowerLogging({ LogConfig: { Type, Config } }: HostConfig): LogSpec {
  const options = Config ?? {};
  if (Type === 'none') return { driver: 'none', options: {} };
  const known = Object.hasOwn(OPTIONS, Type) ? OPTIONS[Type] : undefined;
  if (known === undefined) throw invalid(`error looking up logging plugin ${Type}: plugin "${Type}" not found`);
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) throw invalid(`unknown log opt '${option}' for ${Type} log driver`);
  }
  return { driver: 'json-file', options };
}
