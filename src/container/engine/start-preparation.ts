import type { JsonObject } from '#base/json.ts';
import { GantryError } from '#base/error.ts';
import type { HostFile } from '#container/host/step.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { isLive, type ProcessRef } from '#container/model/container-state.ts';
import type { OverlayMount } from '#image/snapshot/port.ts';
import type { ContainerTable } from './container-table.ts';
import { applyEdits } from './cdi/apply.ts';
import { resolveBlockDevices, resolveDevices, resolveDriverEdits } from './devices.ts';
import { hostsFile, resolvConf } from './etc-files.ts';
import { bundleOf, cgroupOf, keptOf, logPathOf, volumePathOf } from './layout.ts';
import { layersOf, type ImageTable } from './image-table.ts';
import { linkedContainers, linkEnv, linkHosts } from './links.ts';
import { prepareMounts } from './mount-preparation.ts';
import type { Claim } from './network-claims.ts';
import type { Networks } from './networks.ts';
import type { EnginePorts } from './ports.ts';
import { findInit } from './init-program.ts';
import { runtimeSpec } from './runtime-spec/build.ts';
import type { Volumes } from './volumes.ts';
import { effectiveCapabilities } from './runtime-spec/capabilities.ts';
import { resolveUser, type ResolvedUser } from './runtime-spec/user.ts';
import { seccompProfile, type SeccompMachine } from './seccomp/profile.ts';
import { servesNames } from './sandbox-names.ts';
import { hasOwnNetwork, networkPathOf, planStart, sharedMemoryPathOf, type StartPlan } from './start-plan.ts';

/** /etc/passwd and /etc/group of an image may be hostile: they are read up to here. */
const ACCOUNT_FILE_BYTES = 4 * 1024 * 1024;

/** Looks at the world once, and makes of it a plan that needs no further look. */
export class StartPreparation {
  readonly #ports: EnginePorts;
  readonly #table: ContainerTable;
  readonly #images: ImageTable;
  readonly #networks: Networks;
  readonly #volumes: Volumes;

  readonly #lentEnv = new Map<string, readonly string[]>();

  constructor(ports: EnginePorts, table: ContainerTable, images: ImageTable, networks: Networks, volumes: Volumes) {
    this.#volumes = volumes;
    this.#ports = ports;
    this.#table = table;
    this.#images = images;
    this.#networks = networks;
  }

  /** Variables of a container that are in no record of it, such as secrets. The answer forgets them. */
  lendEnv(id: string, env: readonly string[]): () => void {
    this.#lentEnv.set(id, env);
    return () => this.#lentEnv.delete(id);
  }

  async prepare(container: Container, cause: string): Promise<{ plan: StartPlan; claim: Claim }> {
    const { spec } = container;
    const { layout, host } = this.#ports;
    const bundle = bundleOf(layout, spec.id);
    await this.provideSources(spec.mounts);
    const overlay = { ...(await this.overlayOf(spec)), target: `${bundle}/rootfs` };
    const user = await this.resolveUser(spec, [overlay.upper, ...overlay.lower], spec.process.user);
    const devices = await resolveDevices(host, spec.security);
    const driven = await resolveDriverEdits(host, spec.security);
    const sharedMemory = this.#joinedMemory(spec);
    const joined = this.#joinedSandbox(spec);
    const resolv = await host.readHostFile('/etc/resolv.conf', 65_536) ?? '';
    const mounts = await prepareMounts(spec, bundle, { user: { uid: user.uid, gid: user.gid }, ports: this.#ports, volumes: this.#volumes, images: this.#images });
    const links = linkedContainers(spec, (reference) => this.#table.find(reference));
    const claim = await this.#networks.claim(spec);
    const files = this.#etcFiles(spec, claim, { resolv, linked: linkHosts(links) });
    const runtime = applyEdits(runtimeSpec({
      spec: { ...spec, mounts: mounts.mounts, process: { ...spec.process, env: [...this.#lentEnv.get(spec.id) ?? [], ...linkEnv(spec, links), ...spec.process.env] } }, user, rootfs: overlay.target, cgroup: cgroupOf(layout, spec), devices,
      blockDevices: await resolveBlockDevices(host, spec.resources), init: await findInit(host, spec),
      sharedMemory: sharedMemory === undefined ? undefined : sharedMemoryPathOf(bundle),
      files: { resolvConf: files.resolvConf.path, hostname: files.hostname.path, hosts: files.hosts.path },
      volumePath: (name) => volumePathOf(layout, name), prepared: mounts.sources,
      networkNamespace: hasOwnNetwork(spec) ? networkPathOf(bundle) : joined,
      namespacesOf: (id) => this.#namespacesOf(id),
      seccomp: this.#seccomp(spec),
      capabilityBits: host.facts.capabilityBits,
    }), driven.edits, driven.nodes);
    const plan = planStart({
      spec, bundle, cgroup: cgroupOf(layout, spec), logPath: logPathOf(layout, spec.id), overlay, specJson: JSON.stringify(runtime), hasHooks: runtime['hooks'] !== undefined, cause,
      files: joined === undefined ? Object.values(files) : [files.hostname], endpoints: claim.endpoints, mounts,
      network: this.#networks.arrangementOf(spec, claim.endpoints), published: claim.published,
      ...(sharedMemory === undefined ? {} : { sharedMemory: sharedMemory.process }),
    });
    return { plan, claim };
  }

  async overlayOf(spec: ContainerSpec): Promise<OverlayMount> {
    // One that is missing was empty when the power went: nothing that reached the disk is lost by making it again.
    return await this.#ports.snapshots.prepared(spec.id) ?? await this.makeFiles(spec);
  }

  /** Programs that ask whether they are in Docker look at files. */
  async makeFiles(spec: ContainerSpec): Promise<OverlayMount> {
    return await this.#ports.snapshots.prepare(spec.id, layersOf(spec, this.#images), { asDocker: spec.owner.front === 'docker' });
  }

  /** @param layers top first */
  async resolveUser(spec: ContainerSpec, layers: readonly string[], user: string): Promise<ResolvedUser> {
    const read = async (path: string): Promise<string> => {
      const bytes = await this.#ports.host.readRootfsFile({ layers, path, maxBytes: ACCOUNT_FILE_BYTES });
      return bytes === undefined ? '' : new TextDecoder().decode(bytes);
    };
    const [passwd, group] = [await read('/etc/passwd'), await read('/etc/group')];
    return resolveUser(user, spec.process.groups, passwd, group, spec.process.imageGroups);
  }

  #seccomp(spec: ContainerSpec): { profile?: JsonObject; compiled?: string } {
    const { host } = this.#ports;
    const { seccomp } = spec.security;
    if (seccomp.kind === 'unconfined' || spec.security.privileged) return {};
    const profile = seccomp.kind === 'profile' ? JSON.parse(seccomp.json) as JsonObject
      : seccompProfile({ architecture: host.facts.architecture as SeccompMachine, capabilities: effectiveCapabilities(spec.security, host.facts.capabilityBits), kernelVersion: host.facts.kernelVersion }) as unknown as JsonObject;
    const compiled = host.compileSeccomp(JSON.stringify(profile), spec.runtime);
    return compiled === undefined ? { profile } : { compiled };
  }

  #etcFiles(spec: ContainerSpec, claim: Claim, { resolv, linked }: { readonly resolv: string; readonly linked: readonly string[] }): { resolvConf: HostFile; hostname: HostFile; hosts: HostFile } {
    const kept = keptOf(this.#ports.layout, spec.id);
    const donor = spec.sandbox.network.kind === 'container' ? keptOf(this.#ports.layout, this.#table.find(spec.sandbox.network.id).spec.id) : kept;
    return {
      resolvConf: { path: `${donor}/resolv.conf`, text: resolvConf(spec.sandbox, resolv, hasOwnNetwork(spec), servesNames(spec.sandbox, claim.endpoints)), mode: 0o644 },
      hostname: { path: `${kept}/hostname`, text: `${spec.sandbox.hostname}\n`, mode: 0o644 },
      hosts: { path: `${donor}/hosts`, text: hostsFile(spec.sandbox, claim.endpoints, linked), mode: 0o644 },
    };
  }

  /** @throws GantryError invalid, in Docker's words, for the source of a `--mount` that is not there; that of `-v` is made */
  async provideSources(mounts: ContainerSpec['mounts']): Promise<void> {
    for (const mount of mounts) {
      if (mount.kind !== 'bind' || await this.#ports.host.exists(mount.source) !== undefined) continue;
      if (mount.createSource) {
        await this.#ports.host['make-directory']({ kind: 'make-directory', path: mount.source, mode: 0o755, cause: `bind mount at ${mount.target}` });
        continue;
      }
      throw new GantryError('invalid', `invalid mount config for type "bind": bind source path does not exist: ${mount.source}`, { hint: 'make the directory, or use -v, which makes it' });
    }
  }

  #joinedMemory(spec: ContainerSpec): { readonly process: ProcessRef } | undefined {
    const { ipc } = spec.sandbox;
    if (ipc.kind !== 'container') return undefined;
    const owner = this.#table.find(ipc.id).spec;
    if (owner.sandbox.ipc.kind === 'private' || owner.sandbox.ipc.kind === 'none') {
      throw new GantryError('invalid', `failed to join IPC namespace: container ${owner.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`);
    }
    return { process: this.#liveProcess(ipc.id) };
  }

  #joinedSandbox(spec: ContainerSpec): string | undefined {
    return spec.sandbox.network.kind === 'container' ? `${this.#namespacesOf(spec.sandbox.network.id)}/net` : undefined;
  }

  #namespacesOf(id: string): string {
    return `/proc/${this.#liveProcess(id).pid}/ns`;
  }

  #liveProcess(id: string): ProcessRef {
    const { spec, state } = this.#table.find(id);
    if (!isLive(state.phase) || state.process === undefined) {
      throw new GantryError('conflict', `cannot join namespace of a non running container: container ${spec.name} is ${state.phase}`, { hint: `start ${spec.name} first` });
    }
    return state.process;
  }
}
