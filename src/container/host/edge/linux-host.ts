import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { messageOf } from '#base/error.ts';
import type { Json } from '#base/json.ts';
import type { LogSpec } from '#container/model/container-spec.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { Protocol } from '#container/model/port-binding.ts';
import type { Stale } from '#net/service/service-table.ts';
import { forgetServiceDatagrams } from './published-elements.ts';
import type { FilesQuery, OpenFiles } from '../files.ts';
import type { HostFacts } from '../facts.ts';
import type { ContainerIo } from '../io.ts';
import type { LogBatches, LogQuery } from '../log.ts';
import type { BridgePlan, ContainerExit, ExecStart, FoundDevice, FoundProcesses, Host, LogForward, NameQuery, NameReply, RootfsQuery, RunningForward, StartedExec } from '../port.ts';
import type { StepOf, StepOutcomes } from '../step.ts';
import type { ContainerUsage, UsageQuery } from '../usage.ts';
import { AttachedClients } from './attached-clients.ts';
import { ensureBridge, removeBridge, usedSubnets } from './bridge.ts';
import { filterBridged } from './filter-bridged.ts';
import { guardBridge } from './bridge-guard.ts';
import { readCdiFiles } from './cdi-files.ts';
import { CgroupAttachWarmup } from './cgroup-attach-warmup.ts';
import { connectIo } from './conmon-io.ts';
import { readConmonLog } from './conmon-log.ts';
import { endCreation } from './ongoing-creation.ts';
import { readContainerUsage } from './container-usage.ts';
import { copyTree, copyUp } from './copy-up.ts';
import { Creations } from './creations.ts';
import { deleteContainer } from './delete-container.ts';
import { findDevices } from './devices.ts';
import { startExec } from './exec.ts';
import { Exits } from './exits.ts';
import { openFiles } from './file-views.ts';
import { findLeftProcesses, identityOf } from './found-processes.ts';
import { kindOfFile, makeDirectory, readHostFile, writeFiles } from './host-files.ts';
import { HostFirewall } from './host-firewall.ts';
import { exitsOf, runtimeRootOf, type HostContext } from './host-context.ts';
import { inheritProcessors } from './linux/cgroup-inheritance.ts';
import { writeCgroupFile } from './linux/cgroup-write.ts';
import { joinUnified } from './linux/unified-hierarchy.ts';
import type { NftSession } from './linux/nftables.ts';
import { isAlive, signalProcess } from './linux/processes.ts';
import { forwardLog } from './log-forward.ts';
import { rotateLog } from './log-rotation.ts';
import { NameServers } from './name-servers.ts';
import { processTable } from './process-table.ts';
import { readRootfsFile } from './rootfs-file.ts';
import { limitContainer, pauseContainer, resumeContainer, runtimeNamed, startCreated } from './runtime.ts';
import { connectInside } from './sandbox-connection.ts';
import { SandboxNetworks } from './sandbox-network.ts';
import { claimRange, releaseRange } from './service-range.ts';
import { SeccompFilters } from './seccomp-filters.ts';
import { signalGroup } from './signal-group.ts';
import { resizeTerminal } from './terminal-size.ts';
import { treeSize } from './tree-size.ts';
import { Trash } from './trash.ts';
import { unmountVolume, VolumeMounts } from './volume-mounts.ts';

/**
 * The kernel of this machine, behind the port. Small files are read and written synchronously: a trip through the thread
 * pool costs ten times what they do.
 */
export class LinuxHost implements Host {
  readonly facts: HostFacts;
  readonly #context: HostContext;
  readonly #log: (line: string) => void;
  readonly #networks: SandboxNetworks;
  readonly #names: NameServers;
  readonly #firewall: HostFirewall;
  readonly #attached = new AttachedClients((directory) => connectIo(directory, { stdin: true }));
  readonly #exits: Exits;
  readonly #creations: Creations;
  readonly #trash: Trash;
  readonly #runTrash: Trash;
  readonly #seccomp: SeccompFilters;
  readonly #warmup: CgroupAttachWarmup;
  readonly #volumes = new VolumeMounts();

  constructor(context: HostContext, nftables: NftSession, log: (line: string) => void) {
    this.facts = context.facts;
    this.#context = context;
    this.#log = log;
    this.#firewall = new HostFirewall(context, nftables, log);
    this.#networks = new SandboxNetworks(context);
    this.#names = new NameServers(context.networkFd);
    const bundleOf = (id: string): string => `${context.run}/containers/${id}`;
    this.#exits = new Exits(context, bundleOf, { drained: (id) => this.#attached.drained(bundleOf(id)), abandon: (id) => this.#attached.close(bundleOf(id)) });
    this.#creations = new Creations(context, this.#networks, this.#exits);
    this.#trash = new Trash(`${context.root}/trash`, log);
    this.#runTrash = new Trash(`${context.run}/trash`, log);
    this.#warmup = new CgroupAttachWarmup(context.cgroups);
    this.#seccomp = new SeccompFilters();
  }

  async open(): Promise<void> {
    for (const directory of [`${this.#context.run}/containers`, `${this.#context.run}/execs`, exitsOf(this.#context), runtimeRootOf(this.#context), `${this.#context.run}/copy-up`]) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    // Left by execs of an earlier daemon; those that still run need nothing of it.
    for (const name of readdirSync(`${this.#context.run}/execs`)) rmSync(`${this.#context.run}/execs/${name}`, { recursive: true, force: true });
    inheritProcessors(this.#context.cgroups, this.#context.cgroup);
    this.#exits.open();
    await this.#trash.open();
    await this.#runTrash.open();
  }

  async 'make-directory'(step: StepOf<'make-directory'>): Promise<void> {
    makeDirectory(step);
  }

  async 'write-files'(step: StepOf<'write-files'>): Promise<void> {
    writeFiles(step);
  }

  async 'remove-tree'(step: StepOf<'remove-tree'>): Promise<void> {
    await (step.path.startsWith(`${this.#context.run}/`) ? this.#runTrash : this.#trash).throw(step.path);
  }

  async 'mount-volume'(step: StepOf<'mount-volume'>): Promise<void> {
    await this.#volumes.mount(step);
  }

  async 'unmount-volume'(step: StepOf<'unmount-volume'>): Promise<void> {
    unmountVolume(step);
  }

  async 'copy-tree'(step: StepOf<'copy-tree'>): Promise<void> {
    await copyTree(step.source, step.destination);
  }

  async 'move-tree'(step: StepOf<'move-tree'>): Promise<void> {
    if (existsSync(step.source)) renameSync(step.source, step.destination);
  }

  async 'copy-up'(step: StepOf<'copy-up'>): Promise<void> {
    await copyUp(this.#context, step);
  }

  async 'open-network'(step: StepOf<'open-network'>): Promise<void> {
    this.#networks.open(step.sandbox);
  }

  async 'link-network'(step: StepOf<'link-network'>): Promise<void> {
    this.#networks.link(step);
    this.#firewall.admit(step.network);
  }

  async 'arrange-network'(step: StepOf<'arrange-network'>): Promise<void> {
    this.#networks.arrange(step);
    this.#firewall.admit(step.network);
  }

  async 'serve-names'(step: StepOf<'serve-names'>): Promise<void> {
    this.#names.open(step.sandbox, this.#namespacePath(step.sandbox, step.process), { isNew: step.process === undefined });
  }

  async 'close-network'(step: StepOf<'close-network'>): Promise<void> {
    this.#names.close(step.sandbox);
    this.#firewall.close(step.sandbox);
    this.#networks.close(step.sandbox);
  }

  async publish(step: StepOf<'publish'>): Promise<void> {
    await this.#firewall.publish(step, this.#namespacePath(step.sandbox, step.process));
  }

  async unpublish(step: StepOf<'unpublish'>): Promise<void> {
    await this.#firewall.unpublish(step);
  }

  async 'begin-creation'(step: StepOf<'begin-creation'>): Promise<void> {
    await this.#creations.begin(step);
  }

  async 'create-container'(step: StepOf<'create-container'>): Promise<StepOutcomes['create-container']> {
    return await this.#creations.finish(step.id);
  }

  async 'start-container'(step: StepOf<'start-container'>): Promise<void> {
    const { process, monitor } = findLeftProcesses(this.#context, step.bundle, step.id);
    if (step.cgroup !== undefined && process !== undefined) joinUnified(this.#context.cgroups, step.cgroup, process.pid);
    await startCreated(this.#context, step.id);
    if (process !== undefined) this.#exits.watch(step.id, process, monitor);
  }

  async 'end-creation'(step: StepOf<'end-creation'>): Promise<void> {
    await endCreation(this.#context.timers, step.bundle);
  }

  async 'delete-container'(step: StepOf<'delete-container'>): Promise<void> {
    await this.#creations.settle(step.id);
    await deleteContainer(this.#context, step);
    // Its processes have ended, and so the runtime knows nothing of it any more.
    await this.#runTrash.throw(`${runtimeRootOf(this.#context)}/${step.id}`);
  }

  expectStart(): void {
    this.#warmup.expectStart();
  }

  onQuery(callback: (query: NameQuery) => NameReply): void {
    this.#names.onQuery(callback);
  }

  async serveNamesAt(address: string, clients: string): Promise<{ readonly port: number; close(): void }> {
    return await this.#names.openAt(address, clients);
  }

  onExit(callback: (exit: ContainerExit) => void): void {
    this.#exits.onExit(callback);
  }

  async forgetExit(id: string): Promise<void> {
    await this.#exits.forget(id);
  }

  watch(id: string, process: ProcessRef): void {
    const { monitor } = findLeftProcesses(this.#context, `${this.#context.run}/containers/${id}`, id);
    this.#exits.watch(id, process, monitor);
  }

  isAlive(process: ProcessRef): boolean {
    return isAlive(identityOf(process));
  }

  async listBundles(): Promise<readonly string[]> {
    return readdirSync(`${this.#context.run}/containers`);
  }

  async findProcesses(bundle: string, id: string): Promise<FoundProcesses> {
    return findLeftProcesses(this.#context, bundle, id);
  }

  signal(process: ProcessRef, signal: number): boolean {
    return signalProcess(identityOf(process), signal);
  }

  async limit(id: string, cgroup: string, { json, unboundedPids }: { readonly json: string; readonly unboundedPids: boolean }): Promise<void> {
    await limitContainer(this.#context, id, json);
    // crun 1.8 can't spell it.
    if (unboundedPids) writeCgroupFile(this.#context.cgroups, cgroup, { controller: 'pids', file: 'pids.max', text: 'max' });
  }

  signalGroup(process: ProcessRef, cgroup: string, signal: number): void {
    signalGroup(this.#context, process, cgroup, signal);
  }

  async pause(id: string): Promise<void> {
    await pauseContainer(this.#context, id);
  }

  async resume(id: string): Promise<void> {
    await resumeContainer(this.#context, id);
  }

  async attach(bundle: string, options: { stdin: boolean; endsInput: boolean }): Promise<ContainerIo> {
    return this.#attached.add(bundle, options);
  }

  async resize(directory: string, rows: number, columns: number): Promise<void> {
    await resizeTerminal(directory, rows, columns);
  }

  async exec(start: ExecStart): Promise<StartedExec> {
    return await startExec(this.#context, start);
  }

  rotateLog(bundle: string, path: string, keep: NonNullable<LogSpec['keep']>): Promise<boolean> {
    return rotateLog(bundle, path, keep);
  }

  forwardLog(forward: LogForward): RunningForward {
    return forwardLog(forward, this.#log);
  }

  readLog(path: string, query: LogQuery): LogBatches {
    return readConmonLog(path, query);
  }

  async treeSize(path: string): Promise<number> {
    return await treeSize(path);
  }

  async usage(query: UsageQuery): Promise<ContainerUsage> {
    return readContainerUsage(this.#context, query);
  }

  async processTable(_id: string, cgroup: string, psArguments: string): Promise<{ titles: string[]; rows: string[][] }> {
    return await processTable(this.#context, cgroup, psArguments);
  }

  compileSeccomp(profileJson: string, runtime?: string): string | undefined {
    return this.#seccomp.compile(profileJson, runtimeNamed(this.#context, runtime).name);
  }

  async readRootfsFile(query: RootfsQuery): Promise<Uint8Array | undefined> {
    return readRootfsFile(query);
  }

  async openFiles(query: FilesQuery): Promise<OpenFiles> {
    return openFiles(this.#context, query);
  }

  async readHostFile(path: string, maxBytes: number): Promise<string | undefined> {
    return readHostFile(path, maxBytes);
  }

  async readCdiFiles(): Promise<readonly { readonly path: string; readonly json: Json }[]> {
    return await readCdiFiles();
  }

  async findDevices(path: string): Promise<readonly FoundDevice[]> {
    return findDevices(path);
  }

  async exists(path: string): Promise<'directory' | 'file' | undefined> {
    return kindOfFile(path);
  }

  async usedSubnets(): Promise<readonly string[]> {
    return [...usedSubnets(), ...this.#firewall.subnetsOfOthers()];
  }

  async ensureBridge(bridge: BridgePlan): Promise<boolean> {
    const isNew = ensureBridge(bridge);
    try {
      guardBridge(bridge.name);
    } catch (thrown) {
      this.#log(`bridge ${bridge.name} stays open while somebody flushes the firewall, up to half a second: ${messageOf(thrown)}`);
    }
    this.#firewall.admitBridge(bridge.name);
    return isNew;
  }

  async removeBridge(name: string): Promise<void> {
    removeBridge(name);
    this.#firewall.forgetBridge(name);
  }

  async filterBridged(name: string): Promise<boolean> {
    return await filterBridged(name);
  }

  async applyFirewall(commands: string): Promise<void> {
    await this.#firewall.apply(commands);
  }

  async connectInside(process: ProcessRef, port: number): Promise<ContainerIo> {
    return await connectInside(process, port, this.#context.networkFd);
  }

  async claimRange(range: string, link: string): Promise<void> {
    claimRange(range, link);
  }

  async releaseRange(range: string, link: string): Promise<void> {
    releaseRange(range, link);
  }

  async holdPort(owner: string, protocol: Protocol, port: number): Promise<boolean> {
    return this.#firewall.hold(owner, protocol, port);
  }

  async releasePort(owner: string): Promise<void> {
    this.#firewall.release(owner);
  }

  async forgetDatagrams(stale: readonly Stale[]): Promise<void> {
    forgetServiceDatagrams(stale);
  }

  onFirewallLost(callback: (cause: string) => void): void {
    this.#firewall.onLost(callback);
  }

  async withdrawFirewall(commands: readonly string[]): Promise<void> {
    await this.#firewall.withdraw(commands);
  }

  async freePort(protocol: Protocol, addresses: readonly string[], from: number, to: number): Promise<number> {
    return this.#firewall.findFree(protocol, addresses, from, to);
  }

  #namespacePath(sandbox: string, process: ProcessRef | undefined): string {
    return process === undefined ? `/proc/self/fd/${this.#networks.descriptorOf(sandbox) ?? -1}` : `/proc/${process.pid}/ns/net`;
  }

  /** Background deletions done: for an orderly end, and for tests that look at what is left. */
  async settled(): Promise<void> {
    await this.#trash.settled();
    await this.#runTrash.settled();
  }
}
