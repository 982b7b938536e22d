import type { ImageHealthcheck } from '#image/oci/image-config.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import type { Node } from '../parse/node.ts';
import { quote } from '../_quote.ts';
import { parseCommandLine } from './command-line.ts';
import { parseGoDuration } from './_duration.ts';
import { parseFlags } from './_flags.ts';
import { atLeastOneArgument } from './_refusals.ts';

/** `HEALTHCHECK [--interval=...] CMD command` or `HEALTHCHECK NONE`. */
export interface HealthcheckInstruction {
  readonly kind: 'healthcheck';
  readonly healthcheck: ImageHealthcheck;
}

const MILLISECOND_NS = 1_000_000;
const MAX_INT32 = 2 ** 31 - 1;
const FLAGS = { interval: 'string', timeout: 'string', 'start-period': 'string', 'start-interval': 'string', retries: 'string' } as const;

export function parseHealthcheck(node: Node): HealthcheckInstruction {
  const [written, ...rest] = node.args;
  if (written === undefined) throw atLeastOneArgument('HEALTHCHECK');
  const type = written.toUpperCase();
  if (type === 'NONE') {
    if (rest.length > 0) throw new DockerfileError('HEALTHCHECK NONE takes no arguments', { token: rest[0] });
    return { kind: 'healthcheck', healthcheck: { Test: ['NONE'] } };
  }
  const flags = parseFlags(node.flags, FLAGS);
  if (type !== 'CMD') throw new DockerfileError(`Unknown type ${quote(type)} in HEALTHCHECK (try CMD)`, { token: written });
  const { args, isShell } = parseCommandLine({ ...node, args: rest });
  if (args.length === 0) throw new DockerfileError('Missing command after HEALTHCHECK CMD', { token: written });
  return {
    kind: 'healthcheck',
    healthcheck: {
      Test: [isShell ? 'CMD-SHELL' : 'CMD', ...args],
      ...numbers({
        Interval: parseInterval('interval', flags.interval),
        Timeout: parseInterval('timeout', flags.timeout),
        StartPeriod: parseInterval('start-period', flags['start-period']),
        StartInterval: parseInterval('start-interval', flags['start-interval']),
        Retries: parseRetries(flags.retries),
      }),
    },
  };
}

/** Zero is the engine's default, and not written. */
function numbers<T extends Readonly<Record<string, number>>>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0)) as Partial<T>;
}

function parseInterval(name: string, text: string | undefined): number {
  const duration = text === undefined || text === '' ? 0 : parseGoDuration(text);
  if (duration !== 0 && duration < MILLISECOND_NS) throw new DockerfileError(`Interval ${quote(name)} cannot be less than 1ms`, { token: text });
  return duration;
}

function parseRetries(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) throw new DockerfileError(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`, { token: text });
  const retries = Number(text);
  if (Math.abs(retries) > MAX_INT32) throw new DockerfileError(`strconv.ParseInt: parsing ${quote(text)}: value out of range`, { token: text });
  if (retries < 0) throw new DockerfileError(`--retries cannot be negative (${retries})`, { token: text });
  return retries;
}
