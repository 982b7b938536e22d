import type { HostStep, Overlay, HostFile, SandboxNetwork } from '#container/host/step.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { PublishedPort } from '#container/model/port-binding.ts';
import type { Endpoint } from '#container/model/sandbox.ts';
import type { PreparedMounts } from './mount-preparation.ts';
import { effectiveCapabilities } from './runtime-spec/capabilities.ts';
import { servesNames } from './sandbox-names.ts';

/** All that a start needs to know. Nothing is chosen later: addresses, ports and paths are in it. */
export interface StartPlanInput {
  readonly spec: ContainerSpec;
  readonly bundle: string;
  readonly cgroup: string;
  readonly logPath: string;
  readonly overlay: Overlay;
  readonly specJson: string;
  readonly files: readonly HostFile[];
  readonly endpoints: readonly Endpoint[];
  readonly network: SandboxNetwork;
  readonly published: readonly PublishedPort[];
  readonly mounts: Pick<PreparedMounts, 'places' | 'steps'>;
  /** The process whose /dev/shm is shared. */
  readonly sharedMemory?: ProcessRef;
  /** Programs of a device's vendor that the runtime starts before the container's. */
  readonly hasHooks: boolean;
  readonly cause: string;
}

/** Steps in order, and what takes each back; an undo is safe also where its step never ran. */
export interface StartPlan {
  readonly steps: readonly HostStep[];
  readonly undo: readonly HostStep[];
}

/** Inside the monitor's mount namespace, and only there, the sandbox's network namespace has this path. */
export function networkPathOf(bundle: string): string {
  return `${bundle}/netns`;
}

/** Inside the monitor's mount namespace, and only there, the shared memory of another container has this path. */
export function sharedMemoryPathOf(bundle: string): string {
  return `${bundle}/shm`;
}

export function hasOwnNetwork(spec: ContainerSpec): boolean {
  return spec.sandbox.network.kind === 'network' || spec.sandbox.network.kind === 'none';
}

/**
 * The runtime takes several times as long as all links: they are made while it works, and are there before the program is started. It
 * needs no more than the namespace, unless something that it does looks at what is in it.
 */
export function planStart(input: StartPlanInput): StartPlan {
  const { spec, bundle, cause, endpoints, published } = input;
  const own = hasOwnNetwork(spec);
  const networkCause = `network ${endpoints.map(({ network }) => network).join(', ') || 'none'}`;
  const links: HostStep[] = [
    ...(own ? [{ kind: 'link-network', sandbox: spec.id, network: input.network, cause: networkCause } as const] : []),
    ...(own && servesNames(spec.sandbox, endpoints) ? [{ kind: 'serve-names', sandbox: spec.id, cause: 'names of its networks' } as const] : []),
    ...(published.length > 0 ? [{ kind: 'publish', sandbox: spec.id, endpoints, ports: published, cause: 'published ports' } as const] : []),
  ];
  const linksFirst = input.hasHooks || setsNetwork(spec);
  const steps: HostStep[] = [
    { kind: 'make-directory', path: `${bundle}/rootfs`, mode: 0o700, cause },
    { kind: 'write-files', files: [...input.files, { path: `${bundle}/config.json`, text: input.specJson, mode: 0o600 }], cause },
    ...input.mounts.steps,
    ...(own ? [{ kind: 'open-network', sandbox: spec.id, cause: networkCause } as const] : []),
    ...(linksFirst ? links : []),
    planCreation(input, own),
    ...(linksFirst ? [] : links),
    { kind: 'create-container', id: spec.id, cause },
    { kind: 'start-container', id: spec.id, bundle, ...(makesGroups(spec) ? { cgroup: input.cgroup } : {}), cause },
  ];
  return { steps, undo: planTeardown({ ...input, cause: `undo of ${cause}` }) };
}

/** Who may mount control groups may make some of its own. */
function makesGroups({ security }: ContainerSpec): boolean {
  return effectiveCapabilities(security).includes('CAP_SYS_ADMIN');
}

/** The runtime makes these settings while it creates the container: some are of a link, and others are what links begin with. */
function setsNetwork({ sandbox }: ContainerSpec): boolean {
  return Object.keys(sandbox.sysctls).some((name) => /^net[./]/.test(name));
}

function planCreation(input: StartPlanInput, own: boolean): HostStep {
  const { spec, bundle, cause } = input;
  return {
    kind: 'begin-creation', id: spec.id, bundle, specJson: input.specJson, overlay: input.overlay, terminal: spec.process.terminal,
    ...treesOf(spec), ...(input.mounts.places.length === 0 ? {} : { places: input.mounts.places }),
    stdin: !spec.process.stdin.open ? 'closed' : spec.process.stdin.once ? 'once' : 'open',
    ...(own ? { joinNetwork: { sandbox: spec.id, path: networkPathOf(bundle) } } : {}),
    ...(input.sharedMemory === undefined ? {} : { shareMemory: { process: input.sharedMemory, path: sharedMemoryPathOf(bundle) } }),
    ...(spec.runtime === undefined ? {} : { runtime: spec.runtime }),
    ...(spec.logging.driver === 'none' ? {} : { logPath: input.logPath }),
    cause,
  };
}

function treesOf({ mounts }: ContainerSpec): { readonly trees?: readonly Overlay[] } {
  const trees = mounts.flatMap((mount) => (mount.kind === 'overlay' ? [mount.overlay] : []));
  return trees.length === 0 ? {} : { trees };
}

export interface TeardownInput {
  readonly spec: ContainerSpec;
  readonly bundle: string;
  readonly cgroup: string;
  readonly endpoints: readonly Endpoint[];
  readonly published: readonly PublishedPort[];
  readonly cause: string;
  /** Another daemon was in the middle of the start. */
  readonly isBeingCreated?: boolean;
  /** It starts again, and nobody else may have its ports until then. */
  readonly keepsPorts?: boolean;
}

/** Everything of a run, taken back. Each step is safe where there is nothing to take back. */
export function planTeardown(input: TeardownInput): HostStep[] {
  const { spec, endpoints, published, cause, bundle, cgroup, isBeingCreated = false, keepsPorts = false } = input;
  return [
    ...(published.length > 0 ? [{ kind: 'unpublish', sandbox: spec.id, endpoints, ports: published, ...(keepsPorts ? { keepsPorts } : {}), cause } as const] : []),
    ...(hasOwnNetwork(spec) ? [{ kind: 'close-network', sandbox: spec.id, cause } as const] : []),
    ...(isBeingCreated ? [{ kind: 'end-creation', bundle, cause } as const] : []),
    { kind: 'delete-container', id: spec.id, bundle, cgroup, cause },
    { kind: 'remove-tree', path: bundle, cause },
  ];
}
