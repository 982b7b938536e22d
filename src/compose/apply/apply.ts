import type { Timers } from '#base/clock.ts';
import { GantryError, isKind, messageOf } from '#base/error.ts';
import { imagePath, pathPart, type DockerApi } from '../plan/docker-api.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { copyFiles } from './copy-files.ts';
import { runHook } from './hook.ts';
import { lastLogLines } from './logs.ts';
import type { ProviderCommand } from './provider-protocol.ts';
import { runPlan, type RunOptions } from './run-plan.ts';
import { waitFor } from './wait-for.ts';

/** Builds and pulls, whose progress is their own. */
export interface ImageSource {
  build(service: string, image: string): Promise<void>;
  pull(image: string, platform: string): Promise<void>;
}

/** Runs the programs of providers, and keeps the variables that they set. */
export interface ProviderRunner {
  run(service: string, command: ProviderCommand): Promise<void>;
}

export interface ApplyPorts {
  readonly api: DockerApi;
  readonly images: ImageSource;
  readonly providers: ProviderRunner;
  readonly timers: Timers;
}

type Executors = { readonly [K in Step['kind']]: (step: Extract<Step, { kind: K }>, ports: ApplyPorts) => Promise<string | void> };

const post = (api: DockerApi, path: string, query: Readonly<Record<string, string | number | boolean | undefined>> = {}): Promise<void> =>
  api.text('POST', path, { query }).then(() => undefined, ignore('not-modified'));

/** What is already as it should be is no failure. */
function ignore(...kinds: Parameters<typeof isKind>[1][]): (thrown: unknown) => void {
  return (thrown) => {
    if (!isKind(thrown, ...kinds)) throw thrown;
  };
}

const executors: Executors = {
  'pull-image': async ({ image, platform, ignoreFailure }, { images }) => {
    try {
      await images.pull(image, platform);
    } catch (thrown) {
      if (!ignoreFailure) throw thrown;
      return `Not pulled: ${messageOf(thrown)}`;
    }
    return undefined;
  },
  'build-image': ({ service, image }, { images }) => images.build(service, image),
  'provide-service': ({ service }, { providers }) => providers.run(service, 'up'),
  'withdraw-service': ({ service }, { providers }) => providers.run(service, 'down'),
  'create-network': ({ request }, { api }) => api.text('POST', '/networks/create', { json: request }).then(() => undefined),
  // Containers of others may be in it: then it stays, which Docker says with 403.
  'remove-network': ({ name }, { api }) => api.text('DELETE', `/networks/${pathPart(name)}`).then(() => undefined, (thrown: unknown) => {
    if (isKind(thrown, 'not-found')) return 'No such network';
    if (isKind(thrown, 'forbidden', 'conflict')) return 'Resource is still in use';
    throw thrown;
  }),
  'create-volume': ({ request }, { api }) => api.text('POST', '/volumes/create', { json: request }).then(() => undefined),
  'remove-volume': ({ name }, { api }) => api.text('DELETE', `/volumes/${pathPart(name)}`).then(() => undefined, (thrown: unknown) => {
    if (isKind(thrown, 'not-found')) return 'No such volume';
    if (isKind(thrown, 'conflict')) return 'Resource is still in use';
    throw thrown;
  }),
  'remove-image': ({ image }, { api }) => api.text('DELETE', `/images/${imagePath(image)}`).then(() => undefined, (thrown: unknown) => {
    if (isKind(thrown, 'not-found', 'conflict')) return messageOf(thrown);
    throw thrown;
  }),
  'create-container': async ({ name, platform, request, files }, { api }) => {
    const { Id } = await api.json<{ readonly Id: string }>('POST', '/containers/create', { query: { name, platform: platform === '' ? undefined : platform }, json: request });
    if (files.length > 0) await copyFiles(api, Id, files);
  },
  'rename-container': ({ container, name }, { api }) => post(api, `/containers/${pathPart(container)}/rename`, { name }),
  'start-container': ({ container }, { api }) => post(api, `/containers/${pathPart(container)}/start`),
  'restart-container': ({ container, timeoutSeconds }, { api }) => post(api, `/containers/${pathPart(container)}/restart`, { t: timeoutSeconds }),
  'stop-container': ({ id, timeoutSeconds }, { api }) => post(api, `/containers/${pathPart(id)}/stop`, { t: timeoutSeconds }).catch(ignore('not-found')),
  'kill-container': ({ container, signal }, { api }) => post(api, `/containers/${pathPart(container)}/kill`, { signal }),
  'pause-container': ({ container }, { api }) => post(api, `/containers/${pathPart(container)}/pause`),
  'unpause-container': ({ container }, { api }) => post(api, `/containers/${pathPart(container)}/unpause`),
  'remove-container': ({ id, volumes, force }, { api }) => api.text('DELETE', `/containers/${pathPart(id)}`, { query: { v: volumes, force } }).then(() => undefined, ignore('not-found')),
  'run-hook': ({ container, hook }, { api }) => runHook(api, container, hook),
  'wait-for': (step, ports) => waitFor(step, ports),
};

/** Does a plan over the Docker API. An error names the service, and shows what its container wrote last. */
export function applyPlan(plan: Plan, ports: ApplyPorts, options: RunOptions): Promise<boolean> {
  return runPlan(plan, (node) => execute(node, ports), options);
}

async function execute({ step }: PlanNode, ports: ApplyPorts): Promise<string | void> {
  try {
    // The table has an executor for each kind, which the compiler can't see through the union.
    return await (executors[step.kind] as (step: Step, ports: ApplyPorts) => Promise<string | void>)(step, ports);
  } catch (thrown) {
    throw await withService(step, thrown, ports.api);
  }
}

async function withService(step: Step, thrown: unknown, api: DockerApi): Promise<unknown> {
  if (!(thrown instanceof GantryError) || !('service' in step)) return thrown;
  const ran = step.kind === 'start-container' || step.kind === 'restart-container' ? step.container : step.kind === 'wait-for' ? step.containers[0] : undefined;
  const lines = ran === undefined ? '' : await lastLogLines(api, ran);
  const log = lines === '' ? '' : `\nlast lines of ${ran}:\n${lines}`;
  return new GantryError(thrown.kind, `service ${step.service}: ${thrown.message}${log}`, { subject: `service ${step.service}`, cause: thrown, ...(thrown.hint === undefined ? {} : { hint: thrown.hint }) });
}
