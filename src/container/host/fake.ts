import type { Clock } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import { FakeExits } from './fake-exits.ts';
import { FAKE_FACTS } from './fake-facts.ts';
import { FakePorts } from './fake-ports.ts';
import { FakeTree } from './fake-tree.ts';
import type { FilesQuery, OpenFiles } from './files.ts';
import type { ContainerIo } from './io.ts';
import type { LogBatches, LogQuery } from './log.ts';
import type { BridgePlan, ContainerExit, ExecStart, FoundDevice, FoundProcesses, Host, RootfsQuery, RunningForward, StartedExec } from './port.ts';
import type { ContainerUsage } from './usage.ts';
import { printStep, type HostStep, type StepKind, type StepOf, type StepOutcomes } from './step.ts';

interface FakeProcess { readonly id: string; started: boolean }

/**
 * A host without a kernel: it keeps what the real one would have made, writes down every step, and fails where a test says
 * so. One fake outlives many engines, as a machine outlives its daemons.
 */
export class FakeHost implements Host {
  readonly facts = FAKE_FACTS;
  readonly steps: string[] = [];
  readonly tree = new FakeTree();
  readonly networks = new Set<string>();
  /** Sandboxes whose names are served. */
  readonly named = new Set<string>();
  readonly ports = new FakePorts();
  /** Transactions of the firewall, in nft's words. */
  readonly firewall: string[] = [];
  readonly running = new Map<number, FakeProcess>();
  readonly bridges = new Map<string, BridgePlan>();
  /** Names of the links of each sandbox that has a network. */
  readonly links = new Map<string, readonly string[]>();
  readonly exits = new FakeExits();
  /** What execs end with; undefined: not before they are killed. */
  execExitCode: number | undefined = 0;
  readonly execs = new Map<number, (exitCode: number) => void>();
  /** Bundles of which a monitor makes the container, and goes on with it when the daemon is gone, and whose they are. */
  readonly creating = new Map<string, string>();
  /** Bundles whose creation this daemon began, by whose they are. */
  readonly #begun = new Map<string, string>();
  readonly frozen = new Set<string>();
  /** Views of files that are open. */
  readonly views = new Set<number>();
  /** The next step of the kind throws. */
  readonly failNext = new Map<StepKind, string>();
  /** Containers that were told to start, until the runtime forgets them. */
  readonly #started = new Set<string>();
  #nextPid = 100;
  #nextView = 1;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is left in this host that an engine made, sorted: empty after everything was taken away. */
  leftovers(): string[] {
    return [...[...this.networks].map((id) => `network ${id}`), ...this.ports.leftovers(), ...[...this.running.values()].map(({ id }) => `process ${id}`), ...[...this.creating.values()].map((id) => `creation ${id}`)].sort();
  }

  /**
   * The container's program ends by itself.
   * @param behindNs how far the clock of files is behind ours
   */
  end(id: string, exitCode: number, oomKilled = false, behindNs = 0n): void {
    const pid = this.#pidOf(id);
    if (pid !== undefined) this.running.delete(pid);
    this.networks.delete(id);
    this.exits.end({ id, exitCode, oomKilled, atNs: this.#clock.nowNs() - behindNs });
  }

  /** Monitors that nobody ended come to the end of their creations. */
  finishCreations(): void {
    for (const id of this.creating.values()) this.running.set(this.#nextPid++, { id, started: false });
    this.creating.clear();
  }

  /** The daemon is killed: nobody listens any more, and open namespaces go with it. */
  loseDaemon(): void {
    this.exits.lose();
    this.named.clear();
    this.ports.kept.clear();
    this.#begun.clear();
    for (const sandbox of [...this.networks]) if (this.#pidOf(sandbox) === undefined) this.networks.delete(sandbox);
  }

  async 'make-directory'(step: StepOf<'make-directory'>): Promise<void> {
    this.#note(step);
    this.tree.directories.add(step.path);
  }

  async 'write-files'(step: StepOf<'write-files'>): Promise<void> {
    this.#note(step);
    for (const file of step.files) this.tree.files.set(file.path, file.text);
  }

  async 'remove-tree'(step: StepOf<'remove-tree'>): Promise<void> {
    this.#note(step);
    this.tree.remove(step.path);
  }

  async 'copy-up'(step: StepOf<'copy-up'>): Promise<void> {
    this.#note(step);
  }

  async 'mount-volume'(step: StepOf<'mount-volume'>): Promise<void> {
    this.#note(step);
  }

  async 'unmount-volume'(step: StepOf<'unmount-volume'>): Promise<void> {
    this.#note(step);
  }

  async 'copy-tree'(step: StepOf<'copy-tree'>): Promise<void> {
    this.#note(step);
    this.tree.directories.add(step.destination);
  }

  async 'move-tree'(step: StepOf<'move-tree'>): Promise<void> {
    this.#note(step);
    this.tree.move(step.source, step.destination);
  }

  async 'open-network'(step: StepOf<'open-network'>): Promise<void> {
    this.#note(step);
    this.networks.add(step.sandbox);
    this.links.delete(step.sandbox);
  }

  async 'link-network'(step: StepOf<'link-network'>): Promise<void> {
    this.#note(step);
    if (!this.networks.has(step.sandbox)) throw new GantryError('internal', 'no network to link');
    this.links.set(step.sandbox, step.network.links.map(({ endpoint }) => endpoint.hostLink));
  }

  async 'arrange-network'(step: StepOf<'arrange-network'>): Promise<void> {
    this.#note(step);
    if (!this.isAlive(step.process)) throw new GantryError('conflict', 'the container has ended');
    this.links.set(step.sandbox, step.network.links.map(({ endpoint }) => endpoint.hostLink));
  }

  async 'serve-names'(step: StepOf<'serve-names'>): Promise<void> {
    this.#note(step);
    this.named.add(step.sandbox);
  }

  async 'close-network'(step: StepOf<'close-network'>): Promise<void> {
    this.#note(step);
    this.named.delete(step.sandbox);
    if (this.#pidOf(step.sandbox) === undefined) this.networks.delete(step.sandbox);
  }

  async publish(step: StepOf<'publish'>): Promise<void> {
    this.#note(step);
    this.ports.publish(step.sandbox, step.ports);
  }

  async unpublish(step: StepOf<'unpublish'>): Promise<void> {
    this.#note(step);
    this.ports.unpublish(step.sandbox, step.ports, step.keepsPorts === true);
  }

  async 'begin-creation'(step: StepOf<'begin-creation'>): Promise<void> {
    this.#note(step);
    this.creating.set(step.bundle, step.id);
    this.#begun.set(step.id, step.bundle);
  }

  async 'create-container'(step: StepOf<'create-container'>): Promise<StepOutcomes['create-container']> {
    this.#note(step);
    this.#endBegun(step.id);
    const pid = this.#nextPid++;
    this.running.set(pid, { id: step.id, started: false });
    return { process: { pid, startTime: String(pid) }, monitor: { pid: pid + 100_000, startTime: String(pid) } };
  }

  async 'start-container'(step: StepOf<'start-container'>): Promise<void> {
    this.#note(step);
    const pid = this.#pidOf(step.id);
    const process = pid === undefined ? undefined : this.running.get(pid);
    if (process === undefined) throw new GantryError('internal', 'nothing to start');
    process.started = true;
    this.#started.add(step.id);
  }

  async 'end-creation'(step: StepOf<'end-creation'>): Promise<void> {
    this.#note(step);
    this.creating.delete(step.bundle);
  }

  async 'delete-container'(step: StepOf<'delete-container'>): Promise<void> {
    this.#note(step);
    this.#endBegun(step.id);
    const pid = this.#pidOf(step.id);
    if (pid !== undefined) {
      this.running.delete(pid);
      // The monitor notes the end of whatever it began with.
      this.exits.notes.set(step.id, this.#killed(step.id));
    }
    this.#started.delete(step.id);
    this.networks.delete(step.id);
  }

  expectStart(): void {}
  onQuery(): void {}
  async serveNamesAt(): Promise<{ port: number; close(): void }> {
    return { port: 53, close: () => {} };
  }

  onFirewallLost(): void {}

  onExit(callback: (exit: ContainerExit) => void): void {
    this.exits.listen(callback);
  }

  async forgetExit(id: string): Promise<void> {
    this.exits.notes.delete(id);
  }

  isAlive(process: ProcessRef): boolean {
    return this.running.has(process.pid);
  }

  async listBundles(): Promise<readonly string[]> {
    return [...this.running.values()].map(({ id }) => id);
  }

  async findProcesses(_bundle: string, id: string): Promise<FoundProcesses> {
    const pid = this.#pidOf(id);
    if (pid === undefined) return { waitingToStart: false, hasEnded: this.#started.has(id) };
    return { process: { pid, startTime: String(pid) }, waitingToStart: this.running.get(pid)?.started === false, hasEnded: false };
  }

  watch(id: string, process: ProcessRef): void {
    if (this.isAlive(process)) return;
    this.exits.tell(this.#killed(id));
  }

  signal(process: ProcessRef, signal: number): boolean {
    if (signal === 9) this.execs.get(process.pid)?.(137);
    const target = this.running.get(process.pid);
    if (target === undefined) return false;
    if (signal === 9 || signal === 15) this.end(target.id, 128 + signal);
    return true;
  }

  async limit(id: string): Promise<void> {
    this.steps.push(`limit ${id.slice(0, 12)}`);
  }

  signalGroup(process: ProcessRef, _cgroup: string, signal: number): void {
    this.signal(process, signal);
  }

  async pause(id: string): Promise<void> {
    this.frozen.add(id);
  }

  async resume(id: string): Promise<void> {
    this.frozen.delete(id);
  }

  async attach(): Promise<ContainerIo> {
    return { onOutput: () => {}, onEnd: () => {}, write: () => true, onDrain: () => {}, endInput: () => {}, pause: () => {}, resume: () => {}, close: () => {}, abort: () => {} };
  }

  async resize(): Promise<void> {}

  async exec(start: ExecStart): Promise<StartedExec> {
    this.steps.push(`exec ${start.id.slice(0, 12)}`);
    const pid = this.#nextPid++;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.execs.set(pid, resolve);
    if (this.execExitCode !== undefined) resolve(this.execExitCode);
    return { process: { pid, startTime: '1' }, io: undefined, exitCode: promise };
  }

  async rotateLog(): Promise<boolean> {
    return false;
  }

  forwardLog(): RunningForward {
    return { stop: () => {}, done: Promise.resolve() };
  }

  async *readLog(_path: string, _query: LogQuery): LogBatches {}

  async treeSize(): Promise<number> {
    return 0;
  }

  async usage(): Promise<ContainerUsage> {
    return { blockIo: [], machine: { cpuNs: 1, cpus: 2 } };
  }

  async processTable(): Promise<{ titles: string[]; rows: string[][] }> {
    return { titles: ['PID'], rows: [] };
  }

  compileSeccomp(): string | undefined {
    return 'ZmlsdGVy';
  }

  async readRootfsFile(_query: RootfsQuery): Promise<Uint8Array | undefined> {
    return undefined;
  }

  async openFiles(query: FilesQuery): Promise<OpenFiles> {
    this.views.add(this.#nextView);
    const namespace = this.#nextView++;
    return { namespace, root: query.kind === 'running' ? '/' : query.kind === 'directory' ? query.path : query.overlay.target, without: [], close: () => void this.views.delete(namespace) };
  }

  async readHostFile(path: string): Promise<string | undefined> {
    return path === '/etc/resolv.conf' ? 'nameserver 192.0.2.53\n' : undefined;
  }

  async readCdiFiles(): Promise<readonly []> {
    return [];
  }

  async findDevices(): Promise<readonly FoundDevice[]> {
    return [];
  }

  async exists(path: string): Promise<'directory' | undefined> {
    return this.tree.directories.has(path) ? 'directory' : undefined;
  }

  async usedSubnets(): Promise<readonly string[]> {
    return ['192.0.2.0/24'];
  }

  async ensureBridge(bridge: BridgePlan): Promise<boolean> {
    const isNew = !this.bridges.has(bridge.name);
    this.bridges.set(bridge.name, bridge);
    return isNew;
  }

  async removeBridge(name: string): Promise<void> {
    this.bridges.delete(name);
  }

  async filterBridged(_name: string): Promise<boolean> {
    return true;
  }

  async applyFirewall(commands: string): Promise<void> {
    this.firewall.push(commands);
    if (/delete table inet (?!\S+_(?:services|policies)\b)/.test(commands)) this.ports.published.clear();
  }

  async withdrawFirewall(): Promise<void> {}

  async connectInside(_process: ProcessRef, port: number): Promise<ContainerIo> {
    throw new GantryError('unavailable', `failed to connect to localhost:${port} inside the network namespace: connection refused`);
  }

  async claimRange(): Promise<void> {}
  async releaseRange(): Promise<void> {}
  async holdPort(_owner: string, _protocol: string, port: number): Promise<boolean> {
    return !this.ports.isTaken(port);
  }

  async releasePort(owner: string): Promise<void> {
    this.ports.kept.delete(owner);
  }

  async forgetDatagrams(): Promise<void> {}

  async freePort(_protocol: string, _addresses: readonly string[], from: number, to: number): Promise<number> {
    return this.ports.findFree(from, to);
  }

  #killed(id: string): ContainerExit {
    return { id, exitCode: 137, oomKilled: false, atNs: this.#clock.nowNs() };
  }

  #endBegun(id: string): void {
    this.creating.delete(this.#begun.get(id) ?? '');
    this.#begun.delete(id);
  }

  #pidOf(id: string): number | undefined {
    return [...this.running].find(([, process]) => process.id === id)?.[0];
  }

  #note(step: HostStep): void {
    this.steps.push(printStep(step));
    const failure = this.failNext.get(step.kind);
    if (failure === undefined) return;
    this.failNext.delete(step.kind);
    throw new GantryError('internal', failure);
  }
}
