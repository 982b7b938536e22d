import { GantryError } from '#base/error.ts';
import { PathTable } from '../value/match.ts';
import { Float, type Value } from '../value/value.ts';

export type Cast = (text: string, warn: (message: string) => void) => Value;

function wholeNumber(text: string): number {
  if (!/^[-+]?[0-9]+$/.test(text)) throw new GantryError('invalid', `failed to cast to expected type: ${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}

function number(text: string): Float {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new GantryError('invalid', `failed to cast to expected type: ${JSON.stringify(text)} is not a number`);
  return new Float(value);
}

/** `yes` and the like are taken where a boolean must stand, with a warning. */
export function booleanOf(text: string, warn: (message: string) => void): boolean {
  switch (text.toLowerCase()) {
    case 'true': return true;
    case 'false': return false;
    case 'y': case 'yes': case 'on':
      warn(`"${text}" for boolean is not supported by YAML 1.2, please use \`true\``);
      return true;
    case 'n': case 'no': case 'off':
      warn(`"${text}" for boolean is not supported by YAML 1.2, please use \`false\``);
      return false;
    default: throw new GantryError('invalid', `failed to cast to expected type: invalid boolean: ${text}`, { hint: 'write true or false' });
  }
}

const services = (paths: readonly string[], cast: Cast): Record<string, Cast> => Object.fromEntries(paths.map((path) => [`services.*.${path}`, cast]));
const everywhere = (kinds: readonly string[], keys: readonly string[], cast: Cast): Record<string, Cast> =>
  Object.fromEntries(kinds.flatMap((kind) => keys.map((key) => [`${kind}.*.${key}`, cast])));

/** Texts that become numbers or booleans: a variable can only bring text, and YAML wants these types. */
export const casts = new PathTable<Cast>({
  ...services([
    'cpu_count', 'cpu_period', 'cpu_quota', 'cpu_rt_period', 'cpu_rt_runtime', 'cpu_shares', 'deploy.replicas',
    'deploy.update_config.parallelism', 'deploy.rollback_config.parallelism', 'deploy.restart_policy.max_attempts',
    'deploy.placement.max_replicas_per_node', 'healthcheck.retries', 'oom_score_adj', 'pids_limit', 'ports.*.target', 'scale',
    'ulimits.*', 'ulimits.*.hard', 'ulimits.*.soft',
  ], wholeNumber),
  ...services(['cpu_percent', 'cpus', 'deploy.update_config.max_failure_ratio', 'deploy.rollback_config.max_failure_ratio'], number),
  ...services([
    'init', 'healthcheck.disable', 'oom_kill_disable', 'privileged', 'read_only', 'stdin_open', 'tty', 'volumes.*.read_only', 'volumes.*.volume.nocopy',
  ], booleanOf),
  ...everywhere(['networks'], ['external', 'internal', 'attachable', 'enable_ipv4', 'enable_ipv6'], booleanOf),
  ...everywhere(['volumes', 'secrets', 'configs'], ['external'], booleanOf),
});
