import type { Timers } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import { pathPart, type DockerApi } from '../plan/docker-api.ts';
import type { Condition } from '../plan/step.ts';

export interface Waited {
  readonly service: string;
  readonly containers: readonly string[];
  readonly condition: Condition;
  /** Without it a failure is told and lived with. */
  readonly required: boolean;
  /** For ever where it is not given. */
  readonly timeoutSeconds?: number;
}

interface State {
  readonly Status: string;
  readonly ExitCode: number;
  readonly Health?: { readonly Status: string } | null;
}

const POLL_MS = 100;

/** Until every container is as far as the condition says. Throws when one never will be. */
export async function waitFor(waited: Waited, { api, timers }: { readonly api: DockerApi; readonly timers: Timers }): Promise<string> {
  const clock = { late: false };
  const stopClock = waited.timeoutSeconds === undefined ? () => {} : timers.after(waited.timeoutSeconds * 1000, () => { clock.late = true; });
  try {
    return await poll(waited, api, timers, clock);
  } finally {
    stopClock();
  }
}

async function poll(waited: Waited, api: DockerApi, timers: Timers, clock: { readonly late: boolean }): Promise<string> {
  const pause = (): Promise<void> => new Promise((resolve) => { timers.after(POLL_MS, resolve); });
  for (;;) {
    const states = await Promise.all(waited.containers.map(async (container) => (await api.json<{ readonly State: State }>('GET', `/containers/${pathPart(container)}/json`)).State));
    const verdicts = states.map((state, index) => verdict(waited.condition, state, waited.containers[index] as string));
    const failure = verdicts.find((found) => found !== 'yes' && found !== 'not yet');
    if (failure !== undefined && waited.required) throw new GantryError('unavailable', `dependency failed to start: ${failure}`, { subject: `service ${waited.service}`, hint: `see gantry compose logs ${waited.service}` });
    if (failure !== undefined) return `Skipped: ${failure}`;
    if (verdicts.every((found) => found === 'yes')) return waited.condition === 'service_completed_successfully' ? 'Exited' : states.every(({ Health }) => Health == null) ? 'Running' : 'Healthy';
    if (clock.late) throw new GantryError('unavailable', `it is not ready after ${waited.timeoutSeconds} seconds`, { subject: `service ${waited.service}`, hint: 'give it more time with --wait-timeout' });
    await pause();
  }
}

/** `yes`, `not yet`, or why it never will be. */
function verdict(condition: Condition, { Status, ExitCode, Health }: State, container: string): string {
  const ended = Status === 'exited' || Status === 'dead';
  switch (condition) {
    case 'service_started': return 'yes';
    case 'service_completed_successfully':
      if (!ended) return 'not yet';
      return ExitCode === 0 ? 'yes' : `container ${container} exited (${ExitCode})`;
    case 'service_healthy':
      if (Health == null) return `container ${container} has no healthcheck configured`;
      break;
    case 'running_or_healthy':
      if (Health == null && Status === 'running') return 'yes';
  }
  if (ended) return `container ${container} exited (${ExitCode})`;
  if (Health?.Status === 'unhealthy') return `container ${container} is unhealthy`;
  return Health?.Status === 'healthy' ? 'yes' : 'not yet';
}
