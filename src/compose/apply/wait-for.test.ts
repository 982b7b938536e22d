import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemTimers } from '#base/edge/system-clock.ts';
import type { DockerApi } from '../plan/docker-api.ts';
import type { Condition } from '../plan/step.ts';
import { waitFor } from './wait-for.ts';

type State = { readonly Status: string; readonly ExitCode?: number; readonly Health?: { readonly Status: string } };

/** A daemon whose container is in one state after the other, and stays in the last. */
function daemon(...states: readonly State[]): DockerApi {
  let asked = 0;
  const json = async (): Promise<never> => ({ State: { ExitCode: 0, ...states[Math.min(asked++, states.length - 1)] } }) as never;
  return { json, text: async () => '', stream: async function* () {} };
}

const wait = (condition: Condition, states: readonly State[], more: { readonly required?: boolean; readonly timeoutSeconds?: number } = {}): Promise<string> =>
  waitFor({ service: 'web', containers: ['app-web-1'], condition, required: true, ...more }, { api: daemon(...states), timers: new SystemTimers() });

const starting = { Status: 'running', Health: { Status: 'starting' } };

test('it waits until the condition holds', async () => {
  assert.equal(await wait('service_healthy', [starting, starting, { Status: 'running', Health: { Status: 'healthy' } }]), 'Healthy');
  assert.equal(await wait('service_completed_successfully', [{ Status: 'running' }, { Status: 'exited' }]), 'Exited');
  assert.equal(await wait('running_or_healthy', [{ Status: 'created' }, { Status: 'running' }]), 'Running');
});

test('it says why the condition never will hold', async () => {
  await assert.rejects(wait('service_healthy', [starting, { Status: 'running', Health: { Status: 'unhealthy' } }]), /dependency failed to start: container app-web-1 is unhealthy/);
  await assert.rejects(wait('service_healthy', [{ Status: 'running' }]), /container app-web-1 has no healthcheck configured/);
  await assert.rejects(wait('service_healthy', [{ ...starting, Status: 'exited', ExitCode: 3 }]), /container app-web-1 exited \(3\)/);
  await assert.rejects(wait('service_completed_successfully', [{ Status: 'exited', ExitCode: 1 }]), /exited \(1\)/);
});

test('what is not required is told and lived with', async () => {
  assert.equal(await wait('service_completed_successfully', [{ Status: 'exited', ExitCode: 1 }], { required: false }), 'Skipped: container app-web-1 exited (1)');
});

test('it waits no longer than it may', async () => {
  await assert.rejects(wait('running_or_healthy', [starting], { timeoutSeconds: 0.05 }), /it is not ready after 0\.05 seconds/);
});
