import type { RestartPolicy } from '#container/model/restart-policy.ts';
import type { HostConfig } from '../wire/host-config.ts';

/** The policy of a request that was checked. */
export function lowerRestart({ RestartPolicy: { Name, MaximumRetryCount } }: HostConfig): RestartPolicy {
  switch (Name) {
    case 'always':
    case 'unless-stopped': return { kind: Name };
    case 'on-failure': return { kind: 'on-failure', maximumRetries: MaximumRetryCount };
    default: return { kind: 'no' };
  }
}
