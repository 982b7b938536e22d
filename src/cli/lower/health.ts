import type { ParsedArgs } from '../grammar/parsed-args.ts';
import { invalid } from '../status-error.ts';
import type { HealthConfig } from './create-body.ts';
import { parseDurationNs } from './duration.ts';

/** The `--health-*` flags. Undefined when the image's own check stays. */
export function lowerHealth(args: ParsedArgs): HealthConfig | undefined {
  const command = args.string('health-cmd');
  const times = {
    Interval: parseDurationNs(args.string('health-interval')),
    Timeout: parseDurationNs(args.string('health-timeout')),
    StartPeriod: parseDurationNs(args.string('health-start-period')),
    StartInterval: parseDurationNs(args.string('health-start-interval')),
    Retries: args.int('health-retries'),
  };
  const given = command !== '' || Object.values(times).some((value) => value !== 0);
  if (args.bool('no-healthcheck')) {
    if (given) throw invalid('--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (!given) return undefined;
  const flags = { Interval: 'interval', Timeout: 'timeout', Retries: 'retries', StartPeriod: 'start-period', StartInterval: 'start-interval' } as const;
  for (const [key, flag] of Object.entries(flags)) {
    if (times[key as keyof typeof times] < 0) throw invalid(`--health-${flag} cannot be negative`);
  }
  const set = Object.fromEntries(Object.entries(times).filter(([, value]) => value !== 0));
  return { ...(command === '' ? {} : { Test: ['CMD-SHELL', command] }), ...set };
}
