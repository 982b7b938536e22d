import { messageOf } from '#base/error.ts';
import { advance, atRest, isLive } from '#container/model/container-state.ts';
import type { ContainerExit } from '#container/host/port.ts';
import type { Container } from '#container/model/container.ts';
import { shortId } from '#container/model/ids.ts';
import { applyAll } from './apply.ts';
import { Attachments } from './attachments.ts';
import { Builds } from './builds.ts';
import { Connections } from './connections.ts';
import { ContainerTable } from './container-table.ts';
import { Containers } from './containers.ts';
import { EventLog } from './event-log.ts';
import { Execs } from './execs.ts';
import { ImageCollector, type CollectorOptions } from './image-gc/collector.ts';
import { ImageTable } from './image-table.ts';
import { Files } from './files.ts';
import { HealthMonitor } from './health-monitor.ts';
import { Images } from './images.ts';
import { KeyedLock } from './keyed-lock.ts';
import { bundleOf, cgroupOf } from './layout.ts';
import { ContainerLife } from './life.ts';
import { Memberships } from './memberships.ts';
import { OpenCopies } from './open-copies.ts';
import type { NetworkDefaults } from './network-defaults.ts';
import { LogForwarding } from './log-forwarding.ts';
import { LogKeeper } from './log-keeper.ts';
import { Networks } from './networks.ts';
import type { BuildEngine, EngineInfo, NodeEngine } from './port.ts';
import type { EnginePorts } from './ports.ts';
import { planRecovery, type RecoveryAction } from './recovery.ts';
import { sweepOrphans } from './orphan-sweep.ts';
import { planTeardown } from './start-plan.ts';
import { SandboxNames } from './sandbox-names.ts';
import { sweepSnapshots } from './snapshot-sweep.ts';
import { Policies } from './policies.ts';
import { Services } from './services.ts';
import { StartPreparation } from './start-preparation.ts';
import { Volumes } from './volumes.ts';
import { Waiters } from './waiters.ts';

/** Restarts of recovery and of `always` wait this long, so that a boot does not start everything in one breath. */
const BOOT_RESTART_MS = 100;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** The engine: its parts, wired, and what happens when it opens. */
export class Engine implements NodeEngine, BuildEngine {
  readonly info: EngineInfo;
  readonly containers: Containers;
  readonly execs: Execs;
  readonly files: Files;
  readonly images: Images;
  readonly networks: Networks;
  readonly memberships: Memberships;
  readonly volumes: Volumes;
  readonly services: Services;
  readonly policies: Policies;
  readonly names: SandboxNames;
  readonly connections: Connections;
  readonly events: EventLog;
  readonly builds: Builds;
  readonly #ports: EnginePorts;
  readonly #table: ContainerTable;
  readonly #imageTable: ImageTable;
  readonly #life: ContainerLife;
  #collector: ImageCollector | undefined;
  readonly #health: HealthMonitor;
  readonly #lock = new KeyedLock();
  readonly #logKeeper: LogKeeper;
  readonly #logForwarding: LogForwarding;

  constructor(ports: EnginePorts, id: string) {
    this.#ports = ports;
    this.#table = new ContainerTable(ports.store, ports.clock);
    this.#imageTable = new ImageTable(ports.store);
    this.events = new EventLog(ports.clock);
    this.networks = new Networks(ports, this.events, (container) => this.#table.get(container)?.spec.name ?? shortId(container));
    this.volumes = new Volumes(ports, this.events, () => this.#table.list());
    this.services = new Services(ports);
    this.policies = new Policies(ports);
    this.connections = new Connections(ports, this.#table);
    this.#logForwarding = new LogForwarding(ports, this.#table);
    this.#logKeeper = new LogKeeper(ports, this.#table);
    const preparation = new StartPreparation(ports, this.#table, this.#imageTable, this.networks, this.volumes);
    const parts = {
      ports, table: this.#table, lock: this.#lock, networks: this.networks, volumes: this.volumes, events: this.events,
      waiters: new Waiters(), logKeeper: this.#logKeeper, logForwarding: this.#logForwarding, attachments: new Attachments(), copies: new OpenCopies(ports.timers), preparation,
    };
    this.#life = new ContainerLife(parts);
    this.memberships = new Memberships(parts);
    this.names = new SandboxNames(this.#table, this.networks.claims, ports.host);
    this.containers = new Containers(parts, this.#life);
    this.files = new Files(parts, ports.files);
    this.execs = new Execs(ports, this.#table, preparation, this.events);
    this.#health = new HealthMonitor({
      ports, table: this.#table, lock: this.#lock, events: this.events, execs: this.execs,
      act: (action, id) => (action === 'stop' ? this.containers.stop(id, {}, 'unhealthy') : this.containers.restart(id, {}, 'unhealthy')),
    });
    this.images = new Images(ports, this.#imageTable, this.#table, this.events, this.#lock);
    this.builds = new Builds(ports, this.containers, this.#lock, preparation);
    const { networks } = this;
    this.info = {
      id, facts: ports.host.facts, root: ports.layout.root,
      get defaultBridgeAddress() { return networks.find('bridge').ipv4?.gateway ?? ''; },
    };
  }

  /**
   * Reads the state, puts the host's network in place, adopts what runs, and undoes what was half done.
   * @param options.keepUnknown a state was lost: layers and file systems without a record may belong to it, and stay
   */
  async open(options: { readonly keepUnknown: boolean; readonly network?: NetworkDefaults; readonly collector?: CollectorOptions } = { keepUnknown: false }): Promise<void> {
    const { host } = this.#ports;
    await this.#imageTable.load();
    await this.images.open();
    await this.#table.load();
    await this.volumes.load();
    await this.volumes.resume();
    await this.networks.open(this.#table.list(), options.network);
    for (const container of this.#table.list()) {
      // One bad row must not keep the others from coming back.
      await this.#recover(container).catch((thrown: unknown) => this.#ports.log(`recovery of ${shortId(container.spec.id)}: ${messageOf(thrown)}`));
    }
    await sweepOrphans(this.#ports, new Set(this.#table.list().map(({ spec }) => spec.id)));
    await this.networks.restore(this.#table.list());
    if (!options.keepUnknown) await sweepSnapshots(this.#ports.snapshots, new Set(this.#table.list().map(({ spec }) => spec.id)), this.images.heldLayers());
    host.onFirewallLost((cause) => {
      this.#ports.log(`the firewall was changed by others: ${cause}; it is made again`);
      void this.networks.restoreFirewall(this.#table.list()).then(() => this.services.restore()).then(() => this.policies.restore()).catch((thrown: unknown) => this.#ports.log(`the firewall: ${messageOf(thrown)}`));
    });
    host.onQuery(({ sandbox, message, transport }) => this.names.reply(sandbox, message, transport));
    this.#logKeeper.wake();
    for (const container of this.#table.list()) this.#logForwarding.begin(container);
    this.#health.open();
    host.onExit((exit) => this.#takeNote(exit, FIRST_RETRY_MS));
    await this.builds.sweep();
    const { collector } = options;
    if (collector === undefined) return;
    this.#collector = new ImageCollector(this.#ports, { table: this.#imageTable, containers: this.#table, images: this.images, events: this.events }, collector);
    await this.#collector.open();
  }

  /** Images that nobody uses go where the disk fills; nothing where the engine is told to keep them. */
  expectStart(): void {
    this.#ports.host.expectStart();
  }

  async collectImages(): Promise<void> {
    await this.#collector?.collect();
  }

  /** An end that can't be written down, as on a full disk, is tried again until it can: its note stays where it is. */
  #takeNote(exit: ContainerExit, retryMs: number): void {
    void this.#lock.run(exit.id, () => this.#life.exited(exit)).catch((thrown: unknown) => {
      this.#ports.log(`end of ${shortId(exit.id)}: ${messageOf(thrown)}; trying again in ${retryMs} ms`);
      this.#ports.timers.after(retryMs, () => this.#takeNote(exit, Math.min(retryMs * 2, LONGEST_RETRY_MS)));
    });
  }

  async #recover(container: Container): Promise<void> {
    const { host, layout } = this.#ports;
    const bundle = bundleOf(layout, container.spec.id);
    const found = await host.findProcesses(bundle, container.spec.id);
    const action = planRecovery(container, found);
    if (action.kind !== 'keep') this.#table.note(container.spec.id, { kind: 'recovered', action: action.kind, why: action.why });
    if (action.kind !== 'keep') this.#ports.log(`recovery of ${shortId(container.spec.id)}: ${action.kind}: ${action.why}`);
    await this.#perform(container, action);
  }

  async #perform(container: Container, action: RecoveryAction): Promise<void> {
    const { spec, state } = container;
    switch (action.kind) {
      case 'keep':
        await this.#clear(container);
        if (spec.restart.kind === 'always' || (spec.restart.kind === 'unless-stopped' && !state.stoppedByRequest)) await this.#restartAtBoot(container);
        return;
      case 'adopt': {
        const phase = state.phase === 'paused' ? 'paused' : 'running';
        const startedNs = state.phase === 'starting' || state.startedNs === undefined ? String(this.#ports.clock.nowNs()) : state.startedNs;
        // It was to be held still for a moment, by a daemon that did not live to let it go.
        if (state.freezing === true && phase === 'running') await this.#ports.host.resume(spec.id).catch((thrown: unknown) => this.#ports.log(`recovery of ${shortId(spec.id)}: ${messageOf(thrown)}`));
        await this.#table.putState(spec.id, { ...state, phase, freezing: false, process: action.process, startedNs, ...(action.monitor === undefined ? {} : { monitor: action.monitor }) });
        this.#ports.host.watch(spec.id, action.process);
        await this.memberships.resume(spec.id);
        return;
      }
      case 'ended':
        if (state.phase === 'starting') await this.#table.putState(spec.id, advance(state, 'running', { startedNs: String(this.#ports.clock.nowNs()) }));
        // The host tells of the end: with the monitor's note where there is one, as lost where there is none.
        this.#ports.host.watch(spec.id, state.process ?? { pid: 0, startTime: '' });
        return;
      case 'undo-start':
        await this.#clear(container, true);
        await this.#table.putState(spec.id, { ...atRest(state), phase: state.startedNs === undefined ? 'created' : 'exited', error: 'the daemon ended during the start' });
        if (spec.autoRemove) await this.#life.remove(spec.id, { volumes: true });
        return;
      case 'undo-create':
        await this.containers.undoCreate(container);
        return;
      case 'finish-remove':
        await this.#table.putState(spec.id, { ...state, phase: 'exited' });
        await this.#life.remove(spec.id, { volumes: state.removesVolumes === true || spec.autoRemove });
        return;
      case 'schedule-restart':
        await this.#clear(container);
        this.#life.scheduleRestart(spec.id, BOOT_RESTART_MS);
        return;
    }
  }

  async #restartAtBoot(container: Container): Promise<void> {
    // One that never ran was not asked to.
    if (container.state.startedNs === undefined) return;
    this.#table.note(container.spec.id, { kind: 'start', by: 'daemon start' });
    await this.#table.putState(container.spec.id, { ...container.state, phase: 'restarting' });
    this.#life.scheduleRestart(container.spec.id, BOOT_RESTART_MS);
  }

  /** What a run left in the kernel, whether or not it is there. */
  async #clear({ spec, state }: Container, isBeingCreated = false): Promise<void> {
    const { layout, host } = this.#ports;
    const steps = planTeardown({ spec, bundle: bundleOf(layout, spec.id), cgroup: cgroupOf(layout, spec), endpoints: state.endpoints, published: state.published, isBeingCreated, cause: 'recovery' });
    for (const failure of await applyAll(host, steps)) this.#ports.log(`recovery of ${shortId(spec.id)}: left behind: ${failure}`);
    await host.forgetExit(spec.id);
    this.networks.claims.release(spec.id);
  }

  runningCount(): number {
    return this.#table.list().filter(({ state }) => isLive(state.phase)).length;
  }
}

